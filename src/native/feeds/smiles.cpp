// SMILES as tokens: tokens (N, T) and mask (N, T), each row `begin`, as many tokens as there is room for, and padding, of mask 0.
// Augmentation for training views: masked tokens, and spans as DeCLUTR draws them (Giorgi et al. 2021, arXiv:2006.03659).
#include <algorithm>
#include <cmath>

#include "feed.h"

namespace isolens {
namespace {

enum Role { kTokens, kMask };

// kAnchor and kBeside: two feeds of one row agree on the anchor, and the second sees what overlaps it or is beside it.
enum class Kind { kAny, kAnchor, kBeside };

struct Options {
  int64_t length = 0, vocabulary = 0;
  int32_t pad = 0, begin = 0, mask = 0;
  double mask_tokens = 0;
  double minimum = 1, maximum = 1;  // share of the tokens in a span
  Kind kind = Kind::kAny;
  bool vary_validation = false;
};

struct Span {
  int64_t first = 0, count = 0;
};

struct SmilesFile {
  const int64_t* offsets = nullptr;  // (rows + 1)
  const uint8_t* tokens = nullptr;   // (tokens)
};

class SmilesFeed final : public Feed {
 public:
  SmilesFeed(std::shared_ptr<const Dataset> data, const Options& options) : data_(std::move(data)), options_(options) {}

  Status open(const std::string& column) {
    for (const DataFile& file : data_->files()) {
      const Columns columns(file);
      SmilesFile opened;
      int64_t total = 0;
      const StoredTensor* tensor = nullptr;
      ISOLENS_TRY(columns.offsets(&opened.offsets, &total, column + ".offsets"));
      ISOLENS_TRY(columns.get(&tensor, column + ".tokens", {Element::kU8}, {total}));
      opened.tokens = tensor->as<uint8_t>();
      files_.push_back(opened);
    }
    return Status::ok();
  }

  std::vector<std::vector<int64_t>> largest(int64_t rows) const override { return {{rows, options_.length}, {rows, options_.length}}; }

  void plan(const std::vector<Visit>& visits, FeedBatch& batch) const override {
    for (PreparedInput& input : batch.inputs) input.resize({static_cast<int64_t>(visits.size()), options_.length});
  }

  Status fill(const std::vector<Visit>& visits, int64_t item, FeedBatch& batch) const override {
    const Visit& visit = visits[static_cast<size_t>(item)];
    const Dataset::Place place = data_->place(visit.row);
    const SmilesFile& file = files_[place.file];
    const int64_t total = file.offsets[place.row + 1] - file.offsets[place.row];
    Rng rng(visit.seed, visit.stream);
    const bool varies = visit.training || options_.vary_validation;
    const Span span = varies ? drawn(visit, rng, total) : Span{0, total};
    const int64_t shown = std::min(span.count, options_.length - 1);
    const uint8_t* from = file.tokens + file.offsets[place.row] + span.first;

    int32_t* tokens = batch.inputs[kTokens].i32.data() + item * options_.length;
    float* mask = batch.inputs[kMask].f32.data() + item * options_.length;
    std::fill(tokens, tokens + options_.length, options_.pad);
    std::fill(mask, mask + options_.length, 0.0f);
    std::fill(mask, mask + 1 + shown, 1.0f);
    tokens[0] = options_.begin;
    for (int64_t t = 0; t < shown; t++) {
      if (from[t] >= options_.vocabulary) {
        return Columns(data_->files()[place.file]).refuse("expected tokens below " + std::to_string(options_.vocabulary) + " but row " +
                                                          std::to_string(place.row) + " holds " + std::to_string(from[t]) + ".");
      }
      tokens[1 + t] = from[t];
    }
    if (varies) hide(rng, tokens + 1, shown);
    return Status::ok();
  }

 private:
  // The `place`-th smallest of five uniform numbers: Beta(place, 6 - place).
  static double of_five(Rng& rng, size_t place) {
    float drawn[5];
    for (float& one : drawn) one = rng.uniform();
    std::sort(drawn, drawn + 5);
    return drawn[place - 1];
  }

  static int64_t between(Rng& rng, int64_t low, int64_t high) { return low + rng.below(static_cast<uint32_t>(high - low + 1)); }

  // `part` from 0 to 1: the way from the shortest span to the longest.
  int64_t count_of(double part, int64_t total) const {
    const double share = options_.minimum + part * (options_.maximum - options_.minimum);
    return std::clamp<int64_t>(std::llround(share * static_cast<double>(total)), std::min<int64_t>(1, total), total);
  }

  // Anchors lean to the longest span, Beta(4, 2), and begin anywhere; positives lean to the shortest, Beta(2, 4), and begin where
  // they still touch the anchor.
  Span drawn(const Visit& visit, Rng& rng, int64_t total) const {
    if (options_.minimum >= 1) return {0, total};
    if (options_.kind == Kind::kAny) {
      const int64_t count = count_of(rng.uniform(), total);
      return {between(rng, 0, total - count), count};
    }
    Rng shared(visit.seed, visit.shared_stream);
    const int64_t length = count_of(of_five(shared, 4), total);
    const Span anchor{between(shared, 0, total - length), length};
    if (options_.kind == Kind::kAnchor) return anchor;
    const int64_t count = count_of(of_five(rng, 2), total);
    const int64_t first = std::max<int64_t>(0, anchor.first - count), last = std::min(total - count, anchor.first + anchor.count);
    return {between(rng, first, last), count};
  }

  // Puts the mask in the place of different tokens (Floyd's sampling).
  void hide(Rng& rng, int32_t* tokens, int64_t count) const {
    if (options_.mask_tokens <= 0 || count == 0) return;
    const int64_t picks = std::max<int64_t>(1, static_cast<int64_t>(std::floor(options_.mask_tokens * static_cast<double>(count))));
    for (int64_t j = count - picks; j < count; j++) {
      const int64_t candidate = rng.below(static_cast<uint32_t>(j + 1));
      tokens[tokens[candidate] == options_.mask ? j : candidate] = options_.mask;
    }
  }

  std::shared_ptr<const Dataset> data_;
  const Options options_;
  std::vector<SmilesFile> files_;
};

Status refuse(const std::string& expected) {
  return {Code::kArgumentInvalid, "Expected " + expected + " Correct \"feeds\" of the run configuration."};
}

Status read_span(const Json& span, Options& options) {
  if (span.is_null()) return Status::ok();
  options.minimum = span["minimum"].as_number(0);
  options.maximum = span["maximum"].as_number(0);
  if (!(options.minimum > 0 && options.minimum <= options.maximum && options.maximum <= 1)) {
    return refuse("the span of the smiles feed with a minimum above 0 and a maximum from it to 1.");
  }
  const std::string& of = span["of"].as_string();
  if (of == "anchor") {
    options.kind = Kind::kAnchor;
  } else if (of == "beside") {
    options.kind = Kind::kBeside;
  } else if (!of.empty() && of != "any") {
    return refuse("the span of the smiles feed of any, anchor or beside but received \"" + of + "\".");
  }
  return Status::ok();
}

Expected<std::unique_ptr<Feed>> make(const FeedSpec& spec, std::shared_ptr<const Dataset> data) {
  Options options;
  options.length = spec.options["length"].as_integer(0);
  options.vocabulary = spec.options["vocabulary"].as_integer(0);
  if (options.length < 2 || options.length > (1 << 16)) return refuse("the smiles feed to give its length from 2 to 65536.");
  if (options.vocabulary < 1 || options.vocabulary > 256) return refuse("the smiles feed to give its vocabulary from 1 to 256.");
  const Json& special = spec.options["special"];
  options.pad = static_cast<int32_t>(special["pad"].as_integer(-1));
  options.begin = static_cast<int32_t>(special["begin"].as_integer(-1));
  options.mask = static_cast<int32_t>(special["mask"].as_integer(-1));
  for (const int32_t id : {options.pad, options.begin, options.mask}) {
    if (id < 0 || id >= options.vocabulary) return refuse("the special tokens pad, begin and mask of the smiles feed within its vocabulary.");
  }
  options.mask_tokens = spec.options["maskTokens"].as_number(0);
  if (!(options.mask_tokens >= 0 && options.mask_tokens < 1)) {
    return refuse("maskTokens of the smiles feed from 0 to below 1.");
  }
  options.vary_validation = spec.options["varyValidation"].as_bool();
  ISOLENS_TRY(read_span(spec.options["span"], options));
  auto feed = std::make_unique<SmilesFeed>(std::move(data), options);
  ISOLENS_TRY(feed->open(spec.column));
  return std::unique_ptr<Feed>(std::move(feed));
}

}  // namespace

// special: ids of the tokens that stand for no text. varyValidation: validation sees such views too.
FeedKind smiles_feed() {
  return {"smiles",
          {{"tokens", "i32"}, {"mask", "f32"}},
          {"length", "vocabulary", "special", "maskTokens", "span", "varyValidation"},
          make};
}

}  // namespace isolens
