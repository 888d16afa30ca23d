#include "safetensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "json.h"

namespace isolens {
namespace {

struct ElementKind {
  Element element;
  const char* name;
  size_t bytes;
};
constexpr ElementKind kElements[] = {
    {Element::kU8, "U8", 1},   {Element::kI8, "I8", 1},   {Element::kU16, "U16", 2}, {Element::kI32, "I32", 4},
    {Element::kI64, "I64", 8}, {Element::kF16, "F16", 2}, {Element::kF32, "F32", 4},
};

const ElementKind* kind_named(const std::string& name) {
  for (const ElementKind& kind : kElements) {
    if (name == kind.name) return &kind;
  }
  return nullptr;
}

// Closes the descriptor; the mapping stays.
struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

constexpr uint64_t kLargestHeader = 64u << 20;

}  // namespace

size_t element_bytes(Element element) { return kElements[static_cast<int>(element)].bytes; }
const char* element_name(Element element) { return kElements[static_cast<int>(element)].name; }

SafetensorsFile::~SafetensorsFile() {
  if (bytes_ != nullptr) ::munmap(const_cast<unsigned char*>(bytes_), size_);
}

Expected<std::shared_ptr<const SafetensorsFile>> SafetensorsFile::open(const std::string& path, Code failure) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.value < 0) return Status(failure, "Expected a file at " + path + ", but: " + std::strerror(errno) + ".");
  struct stat facts;
  if (::fstat(file.value, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size < 8) {
    return Status(failure, "Expected a safetensors file at " + path + ", but it is no regular file of 8 bytes or more.");
  }
  std::shared_ptr<SafetensorsFile> opened(new SafetensorsFile());
  opened->path_ = path;
  void* mapped = ::mmap(nullptr, static_cast<size_t>(facts.st_size), PROT_READ, MAP_SHARED, file.value, 0);
  if (mapped == MAP_FAILED) return Status(failure, "Expected to map " + path + ", but: " + std::strerror(errno) + ".");
  opened->bytes_ = static_cast<const unsigned char*>(mapped);
  opened->size_ = static_cast<size_t>(facts.st_size);
  ISOLENS_TRY(opened->parse(failure));
  return std::shared_ptr<const SafetensorsFile>(std::move(opened));
}

Status SafetensorsFile::parse(Code failure) {
  const auto refuse = [&](const std::string& why) {
    return Status(failure, "Expected a safetensors file at " + path_ + ", but " + why + ". It may be truncated; make or copy it again.");
  };
  uint64_t header_bytes = 0;
  for (int i = 0; i < 8; i++) header_bytes |= static_cast<uint64_t>(bytes_[i]) << (8 * i);
  if (header_bytes > size_ - 8 || header_bytes > kLargestHeader) return refuse("its header is longer than the file allows");
  const std::string_view text(reinterpret_cast<const char*>(bytes_) + 8, static_cast<size_t>(header_bytes));
  Expected<Json> header = Json::parse(text, 8);
  if (!header || !header->is_object()) return refuse("its header is not a JSON object");

  const unsigned char* data = bytes_ + 8 + header_bytes;
  const uint64_t data_bytes = size_ - 8 - header_bytes;
  for (const auto& [name, entry] : header->members()) {
    if (name == "__metadata__") {
      for (const auto& [key, value] : entry.members()) metadata_[key] = value.as_string();
      continue;
    }
    const ElementKind* kind = kind_named(entry["dtype"].as_string());
    if (kind == nullptr) return refuse("tensor " + name + " has no known dtype");
    StoredTensor tensor;
    tensor.element = kind->element;
    uint64_t bytes = kind->bytes;
    for (const Json& size : entry["shape"].items()) {
      const int64_t d = size.as_integer(-1);
      // Also keeps the product from overflowing: nothing larger than the file can be in it.
      if (d < 0 || (d > 0 && bytes > data_bytes / static_cast<uint64_t>(d))) return refuse("tensor " + name + " is larger than the file");
      bytes *= static_cast<uint64_t>(d);
      tensor.shape.push_back(d);
    }
    const std::vector<Json>& offsets = entry["data_offsets"].items();
    if (!entry["shape"].is_array() || offsets.size() != 2) return refuse("tensor " + name + " has no shape or place");
    const int64_t begin = offsets[0].as_integer(-1), end = offsets[1].as_integer(-1);
    if (begin < 0 || end < begin || static_cast<uint64_t>(end) > data_bytes) return refuse("tensor " + name + " lies outside the file");
    if (static_cast<uint64_t>(end - begin) != bytes) return refuse("the size of tensor " + name + " does not match its shape");
    tensor.data = data + begin;
    if (bytes > 0 && reinterpret_cast<uintptr_t>(tensor.data) % kind->bytes != 0) return refuse("tensor " + name + " is not aligned to its element");
    tensors_[name] = std::move(tensor);
  }
  return Status::ok();
}

const StoredTensor* SafetensorsFile::find(const std::string& name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

uint64_t digest64(const void* data, size_t bytes, uint64_t seed) {
  const unsigned char* from = static_cast<const unsigned char*>(data);
  uint64_t h = seed ^ (bytes * 0x9e3779b97f4a7c15ull);
  const auto mix = [&h](uint64_t word) {
    h ^= word;
    h *= 0xff51afd7ed558ccdull;
    h ^= h >> 32;
  };
  for (; bytes >= 8; from += 8, bytes -= 8) {
    uint64_t word;
    std::memcpy(&word, from, 8);
    mix(word);
  }
  uint64_t tail = 0;
  std::memcpy(&tail, from, bytes);
  mix(tail);
  return h;
}

}  // namespace isolens
