#include "batcher.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace isolens {

Expected<GraphInputs> read_graph_inputs(const Json& graph) {
  GraphInputs inputs;
  for (const Json& entry : graph["inputs"].items()) {
    DeclaredInput declared;
    declared.name = entry["name"].as_string();
    declared.dtype = entry["dtype"].as_string() == "i32" ? DType::kI32 : DType::kF32;
    std::vector<std::string> symbols;
    for (const Json& dim : entry["shape"].items()) {
      declared.shape.push_back(dim.as_integer(-1));
      symbols.push_back(dim.as_string());
    }
    inputs.declared.push_back(std::move(declared));
    inputs.symbols.push_back(std::move(symbols));
  }
  if (inputs.declared.empty()) return Status(Code::kGraphInvalid, "Expected \"graph\" to be a graph with inputs.");
  return inputs;
}

Expected<std::unique_ptr<Batcher>> Batcher::make(const Json& feeds, const GraphInputs& inputs, std::shared_ptr<const Dataset> data, uint64_t seed) {
  std::unique_ptr<Batcher> batcher(new Batcher());
  batcher->data_ = data;
  batcher->seed_ = seed;
  std::vector<bool> filled(inputs.declared.size(), false);
  for (const Json& entry : feeds.items()) {
    Expected<FeedSpec> spec = parse_feed(entry, inputs.declared);
    if (!spec) return spec.status();
    Part part;
    for (const DeclaredInput& input : spec->inputs) {
      size_t at = 0;
      if (input.name.empty()) {
        part.symbols.emplace_back();
        continue;
      }
      while (inputs.declared[at].name != input.name) at++;
      if (filled[at]) return Status(Code::kArgumentInvalid, "Expected one feed for graph input " + input.name + " but received two. Correct \"feeds\" of the run configuration.");
      filled[at] = true;
      part.symbols.push_back(inputs.symbols[at]);
    }
    Expected<std::unique_ptr<Feed>> feed = make_feed(*spec, data);
    if (!feed) return feed.status();
    part.spec = std::move(*spec);
    part.feed = std::move(*feed);
    batcher->parts_.push_back(std::move(part));
  }
  for (size_t i = 0; i < filled.size(); i++) {
    if (!filled[i]) return Status(Code::kArgumentInvalid, "Expected a feed for graph input " + inputs.declared[i].name + " but there is none. Add one to \"feeds\" of the run configuration.");
  }
  return batcher;
}

Status Batcher::bind(const Part& part, size_t input, const std::vector<int64_t>& shape, std::map<std::string, int64_t>& sizes) const {
  const DeclaredInput& declared = part.spec.inputs[input];
  if (declared.name.empty()) return Status::ok();
  bool fits = shape.size() == declared.shape.size();
  for (size_t d = 0; fits && d < shape.size(); d++) {
    const std::string& symbol = part.symbols[input][d];
    fits = symbol.empty() ? declared.shape[d] == shape[d] : sizes.emplace(symbol, shape[d]).first->second == shape[d];
  }
  if (fits) return Status::ok();
  std::string received, expected;
  for (size_t d = 0; d < shape.size(); d++) received += (d > 0 ? ", " : "") + std::to_string(shape[d]);
  for (size_t d = 0; d < declared.shape.size(); d++) {
    expected += (d > 0 ? ", " : "") + (part.symbols[input][d].empty() ? std::to_string(declared.shape[d]) : part.symbols[input][d]);
  }
  return {Code::kGraphInvalid, "Expected data of shape (" + expected + ") for graph input " + declared.name + " but the " + part.spec.kind +
                                   " feed of column " + part.spec.column + " gives (" + received + "). Make the feed's options and the graph agree."};
}

Expected<std::map<std::string, int64_t>> Batcher::capacity(int64_t rows) const {
  std::map<std::string, int64_t> sizes;
  for (const Part& part : parts_) {
    const std::vector<std::vector<int64_t>> shapes = part.feed->largest(rows);
    for (size_t i = 0; i < shapes.size(); i++) ISOLENS_TRY(bind(part, i, shapes[i], sizes));
  }
  return sizes;
}

Status Batcher::prepare(PreparedBatch& batch, ThreadPool& pool) const {
  batch.sizes.clear();
  batch.feeds.resize(parts_.size());
  const int64_t items = static_cast<int64_t>(batch.visits.size());
  std::vector<Visit> visits(batch.visits.size());
  for (size_t p = 0; p < parts_.size(); p++) {
    const Part& part = parts_[p];
    FeedBatch& prepared = batch.feeds[p];
    prepared.inputs.resize(part.spec.inputs.size());
    for (size_t i = 0; i < prepared.inputs.size(); i++) prepared.inputs[i].dtype = part.spec.inputs[i].dtype;
    for (size_t i = 0; i < visits.size(); i++) {
      const RowVisit& from = batch.visits[i];
      const uint64_t shared = mix_stream(static_cast<uint64_t>(from.row), from.epoch);
      visits[i] = {from.row, seed_, mix_stream(shared, p), from.training, from.label, shared};
    }
    part.feed->plan(visits, prepared);
    for (size_t i = 0; i < prepared.inputs.size(); i++) ISOLENS_TRY(bind(part, i, prepared.inputs[i].shape, batch.sizes));
    std::mutex mutex;
    Status failure;
    pool.range(items, 8, [&](int64_t begin, int64_t end) {
      for (int64_t item = begin; item < end; item++) {
        Status status = part.feed->fill(visits, item, prepared);
        if (status.is_ok()) continue;
        const std::lock_guard<std::mutex> lock(mutex);
        failure = std::move(status);
        return;
      }
    });
    if (!failure.is_ok()) return failure;
  }
  return Status::ok();
}

Status Batcher::copy_input(const PreparedInput& from, const std::string& name, int64_t row, bool whole, Program& program) {
  Expected<TensorView> to = program.input(name);
  if (!to) return to.status();
  const bool floats = from.dtype == DType::kF32;
  const size_t count = floats ? from.f32.size() : from.i32.size();
  const int64_t width = from.shape.empty() || from.shape[0] == 0 ? 0 : static_cast<int64_t>(count) / from.shape[0];
  const bool fits = whole ? static_cast<size_t>(to->count()) == count : !from.shape.empty() && !to->shape.empty() && row + from.shape[0] <= to->shape[0] && to->count() == to->shape[0] * width;
  if (!fits || to->dtype != from.dtype) return {Code::kNativeFailed, "The program and the batch disagree on the size of input " + name + "."};
  std::memcpy(static_cast<char*>(to->data) + row * width * 4, floats ? static_cast<const void*>(from.f32.data()) : from.i32.data(), count * 4);
  return Status::ok();
}

Status Batcher::load(const PreparedBatch& batch, Program& program) const {
  ISOLENS_TRY(program.bind(batch.sizes));
  for (size_t p = 0; p < parts_.size(); p++) {
    for (size_t i = 0; i < batch.feeds[p].inputs.size(); i++) {
      const std::string& name = parts_[p].spec.inputs[i].name;
      if (!name.empty()) ISOLENS_TRY(copy_input(batch.feeds[p].inputs[i], name, 0, true, program));
    }
  }
  return Status::ok();
}

Status Batcher::copy(const PreparedBatch& batch, const std::set<std::string>& names, int64_t row, Program& program) const {
  for (size_t p = 0; p < parts_.size(); p++) {
    for (size_t i = 0; i < batch.feeds[p].inputs.size(); i++) {
      const std::string& name = parts_[p].spec.inputs[i].name;
      if (names.count(name) > 0) ISOLENS_TRY(copy_input(batch.feeds[p].inputs[i], name, row, false, program));
    }
  }
  return Status::ok();
}

Prefetcher::Prefetcher(const Batcher& batcher, int threads, int64_t first, int64_t end, std::function<std::vector<RowVisit>(int64_t)> visits)
    : batcher_(batcher), threads_(threads), first_(first), end_(end), visits_(std::move(visits)), taken_(0), thread_([this] { loop(); }) {}

Prefetcher::~Prefetcher() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Prefetcher::loop() {
  ThreadPool pool(threads_);
  for (int64_t i = 0; first_ + i < end_; i++) {
    Slot& slot = slots_[i % 2];
    {
      std::unique_lock<std::mutex> lock(mutex_);
      // Slot i % 2 still holds batch i - 2 until batch i - 1 has been taken.
      changed_.wait(lock, [&] { return stop_ || i < 2 || taken_ >= i; });
      if (stop_) return;
    }
    slot.batch.visits = visits_(first_ + i);
    Status status;
    try {
      status = batcher_.prepare(slot.batch, pool);
    } catch (const std::bad_alloc&) {
      status = Status(Code::kNativeFailed, "Expected memory for a batch but there is none left. Make the batch smaller.");
    }
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      slot.status = std::move(status);
      slot.ready = true;
    }
    changed_.notify_all();
  }
}

Expected<const PreparedBatch*> Prefetcher::next() {
  if (first_ + taken_ >= end_) return static_cast<const PreparedBatch*>(nullptr);
  std::unique_lock<std::mutex> lock(mutex_);
  Slot& slot = slots_[taken_ % 2];
  if (taken_ > 0) slots_[(taken_ + 1) % 2].ready = false;
  taken_++;
  changed_.notify_all();
  changed_.wait(lock, [&] { return slot.ready; });
  if (!slot.status.is_ok()) return slot.status;
  return static_cast<const PreparedBatch*>(&slot.batch);
}

}  // namespace isolens
