// hnswlib's file (HierarchicalNSW::saveIndex of hnswlib 0.8): a header, then for each node its links in layer 0, its vector and its
// label, then for each node its links in the layers above. Integers are little-endian as in memory.
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

#include "graph.h"

namespace isolens::ann {
namespace {

static_assert(sizeof(size_t) == 8, "the file's sizes have 64 bits");

struct Header {
  uint64_t base_offset = 0, capacity = 0, count = 0, node_bytes = 0, label_offset = 0, vector_offset = 0;
  int32_t top_level = -1;
  uint32_t entry = std::numeric_limits<uint32_t>::max();
  uint64_t most = 0, most_base = 0, m = 0;
  double level_scale = 0;
  uint64_t ef_construction = 0;
};
static_assert(sizeof(Header) == 96, "hnswlib writes its fields one after another; none of them is padded");

Header header_of(int64_t links, int64_t ef_construction, int64_t dimension, int64_t count) {
  Header header;
  const auto m = static_cast<uint64_t>(links);
  header.vector_offset = 4 + 8 * m;
  header.label_offset = header.vector_offset + 4 * static_cast<uint64_t>(dimension);
  header.node_bytes = header.label_offset + 8;
  header.capacity = header.count = static_cast<uint64_t>(count);
  header.most = header.m = m;
  header.most_base = 2 * m;
  header.level_scale = 1 / std::log(static_cast<double>(m));
  header.ef_construction = static_cast<uint64_t>(ef_construction);
  return header;
}

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

Status not_written(const std::string& path) {
  const Code code = errno == ENOSPC || errno == EDQUOT ? Code::kDiskFull : Code::kNativeFailed;
  return {code, "Expected to write the index to " + path + " but " + std::strerror(errno) + ". Free some space, or choose another folder."};
}

Status foreign(const std::string& path, const char* what) {
  return {Code::kNativeFailed, "Expected a graph at " + path + " but " + what + ". Build the index again."};
}

}  // namespace

Status Graph::save(const std::string& path) {
  ISOLENS_TRY(restore_vectors());
  link_waiting();
  // A graph that is written has grown for now: its threads may go.
  pool_.reset();
  errno = 0;
  File file(std::fopen(path.c_str(), "wb"));
  if (file == nullptr) return not_written(path);
  std::vector<char> buffer(size_t{1} << 20);
  std::setvbuf(file.get(), buffer.data(), _IOFBF, buffer.size());
  bool good = true;
  const auto write = [&](const void* from, size_t bytes) { good = good && std::fwrite(from, 1, bytes, file.get()) == bytes; };
  // Only what is in use: places of links that were given up hold old values, which are no part of the graph.
  const std::vector<uint32_t> empty(static_cast<size_t>(2 * options_.m), 0);
  const auto write_links = [&](const List& links, size_t most) {
    const uint32_t size = links.size();
    write(&size, 4);
    write(links.nodes, size * size_t{4});
    write(empty.data(), (most - size) * 4);
  };
  Header header = header_of(options_.m, options_.ef_construction, options_.dimension, count());
  header.top_level = top_level_;
  if (!labels_.empty()) header.entry = entry_;
  write(&header, sizeof header);
  for (uint32_t node = 0; node < labels_.size(); ++node) {
    const auto label = static_cast<uint64_t>(labels_[node]);
    write_links(list(node, 0), most_links(0));
    write(vector(node), static_cast<size_t>(options_.dimension) * 4);
    write(&label, 8);
  }
  for (uint32_t node = 0; node < labels_.size(); ++node) {
    const uint32_t bytes = levels_[node] * 4 * (1 + most_links(1));
    write(&bytes, 4);
    for (uint32_t level = 1; level <= levels_[node]; ++level) write_links(list(node, level), most_links(level));
  }
  if (!good || std::fflush(file.get()) != 0) return not_written(path);
  return Status::ok();
}

Expected<std::unique_ptr<Graph>> Graph::open(const std::string& path, GraphOptions options) {
  File file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return foreign(path, "it cannot be opened");
  Header header;
  if (std::fread(&header, sizeof header, 1, file.get()) != 1) return foreign(path, "it is too short");
  const bool is_small = header.m >= 2 && header.m <= 4096 && header.ef_construction <= (uint64_t{1} << 30) && header.count <= (uint64_t{1} << 30);
  const Header wanted = is_small ? header_of(static_cast<int64_t>(header.m), 1, options.dimension, 0) : Header();
  if (!is_small || header.base_offset != 0 || header.node_bytes != wanted.node_bytes || header.label_offset != wanted.label_offset ||
      header.vector_offset != wanted.vector_offset || header.most != wanted.most || header.most_base != wanted.most_base) {
    return foreign(path, "its header describes another kind of graph");
  }
  options.m = static_cast<int64_t>(header.m);
  options.ef_construction = static_cast<int64_t>(std::max<uint64_t>(header.ef_construction, 1));
  Expected<std::unique_ptr<Graph>> graph = create(options);
  if (!graph) return graph;
  const Status status = (*graph)->read(path);
  if (!status.is_ok()) return status;
  return graph;
}

Status Graph::read(const std::string& path) {
  File file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return foreign(path, "it cannot be opened");
  std::vector<char> buffer(size_t{1} << 20);
  std::setvbuf(file.get(), buffer.data(), _IOFBF, buffer.size());
  bool good = true;
  const auto read = [&](void* to, size_t bytes) { good = good && std::fread(to, 1, bytes, file.get()) == bytes; };
  Header header;
  read(&header, sizeof header);
  const auto count = static_cast<uint32_t>(header.count);
  // What stands in a list is checked: a link to nowhere would be followed.
  const auto read_links = [&](List links, size_t most) {
    uint32_t size = 0;
    read(&size, 4);
    read(links.nodes, most * 4);
    good = good && size <= most;
    for (uint32_t i = 0; good && i < size; ++i) good = links.nodes[i] < count;
    links.set(good ? size : 0, 0);
  };
  const auto dimension = static_cast<size_t>(options_.dimension);
  std::vector<float> row(dimension);
  for (uint32_t node = 0; good && node < count; ++node) {
    uint64_t label = 0;
    base_links_.append(1);
    read_links(list(node, 0), most_links(0));
    float* values = options_.rough ? row.data() : vectors_.at(vectors_.append(1));
    read(values, dimension * 4);
    if (options_.rough) append_code(values);
    read(&label, 8);
    good = good && label < (uint64_t{1} << 31);
    labels_.push_back(static_cast<int32_t>(label));
  }
  const uint32_t list_bytes = 4 * (1 + most_links(1));
  for (uint32_t node = 0; good && node < count; ++node) {
    uint32_t bytes = 0;
    read(&bytes, 4);
    good = good && bytes % list_bytes == 0 && bytes / list_bytes < 128;
    const uint32_t levels = good ? bytes / list_bytes : 0;
    levels_.push_back(static_cast<uint8_t>(levels));
    upper_first_.push_back(static_cast<uint32_t>(upper_links_.append(levels)));
    for (uint32_t level = 1; level <= levels; ++level) read_links(list(node, level), most_links(level));
  }
  if (!good || std::fgetc(file.get()) != EOF) return foreign(path, "it is damaged");
  for (uint32_t node = 0; node < count; ++node) {
    for (uint32_t level = 1; level <= levels_[node]; ++level) {
      const List links = list(node, level);
      for (uint32_t i = 0; i < links.size(); ++i) good = good && levels_[links.nodes[i]] >= level;
    }
  }
  good = good && (count == 0 || (header.entry < count && levels_[header.entry] == header.top_level));
  if (!good) return foreign(path, "its links lead nowhere");
  linked_ = count;
  top_level_ = count == 0 ? -1 : header.top_level;
  entry_ = count == 0 ? 0 : header.entry;
  if (options_.rough) path_ = path;
  return Status::ok();
}

// From the file that a rough graph was read from.
Status Graph::restore_vectors() {
  if (!options_.rough) return Status::ok();
  File file(std::fopen(path_.c_str(), "rb"));
  Header header;
  bool good = file != nullptr && std::fread(&header, sizeof header, 1, file.get()) == 1 && header.count == labels_.size();
  for (size_t node = 0; good && node < labels_.size(); ++node) {
    const uint64_t at = sizeof header + node * header.node_bytes + header.vector_offset;
    good = std::fseek(file.get(), static_cast<long>(at), SEEK_SET) == 0 &&
           std::fread(vectors_.at(vectors_.append(1)), 4, static_cast<size_t>(options_.dimension), file.get()) == static_cast<size_t>(options_.dimension);
  }
  if (!good) return foreign(path_, "it was changed since it was opened");
  options_.rough = false;
  return Status::ok();
}

}  // namespace isolens::ann
