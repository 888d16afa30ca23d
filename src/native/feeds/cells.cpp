// Sites of cells, some channels of fluorescence each: pixels (N, C, S, S), every channel of mean 0 and variance 1, and, for encoders
// that see a part of the patches, visible (N, K, T): row k is 1 at the k-th patch that is seen.
// Training views: random crops (Szegedy et al. 2015, arXiv:1409.4842), turns and mirrors, which cells do not know, and light, blur
// and noise (SimCLR, arXiv:2002.05709, for channels in place of colours).
#include <algorithm>
#include <cmath>
#include <numeric>

#include "feed.h"
#include "resample.h"

namespace isolens {
namespace {

enum Role { kPixels, kVisible };

struct Options {
  int32_t size = 0, channels = 0;
  float least = 1, most = 1;  // share of the area of a crop
  float strength = 0;         // of light, blur and noise, 0 to 1
  int32_t patch = 0;          // side of a patch; 0: all is seen
  float hide = 0;             // share of the patches that are hidden
  bool vary_validation = false;

  int32_t patches() const { return patch == 0 ? 0 : (size / patch) * (size / patch); }
  int32_t shown() const { return patch == 0 ? 0 : patches() - static_cast<int32_t>(std::lround(hide * static_cast<float>(patches()))); }
};

struct SiteFile {
  const uint8_t* pixels = nullptr;  // (rows, channels, side, side)
  int32_t side = 0;
};

class CellsFeed final : public Feed {
 public:
  CellsFeed(std::shared_ptr<const Dataset> data, const Options& options) : data_(std::move(data)), options_(options) {}

  Status open(const std::string& column) {
    for (const DataFile& file : data_->files()) {
      const Columns columns(file);
      const StoredTensor* tensor = nullptr;
      ISOLENS_TRY(columns.get(&tensor, column, {Element::kU8}, {file.rows, options_.channels, -1, -1}));
      if (tensor->shape[2] != tensor->shape[3] || tensor->shape[2] < options_.size || tensor->shape[2] > (1 << 14)) {
        return columns.refuse("expected squares of at least " + std::to_string(options_.size) + " pixels a side in column " + column + " but received " +
                              std::to_string(tensor->shape[2]) + " x " + std::to_string(tensor->shape[3]) + ".");
      }
      files_.push_back({tensor->as<uint8_t>(), static_cast<int32_t>(tensor->shape[2])});
    }
    return Status::ok();
  }

  std::vector<std::vector<int64_t>> largest(int64_t rows) const override {
    return {{rows, options_.channels, options_.size, options_.size}, {rows, options_.shown(), options_.patches()}};
  }

  void plan(const std::vector<Visit>& visits, FeedBatch& batch) const override {
    const std::vector<std::vector<int64_t>> shapes = largest(static_cast<int64_t>(visits.size()));
    batch.inputs[kPixels].resize(shapes[kPixels]);
    batch.inputs[kVisible].resize(shapes[kVisible]);
  }

  Status fill(const std::vector<Visit>& visits, int64_t item, FeedBatch& batch) const override {
    const Visit& visit = visits[static_cast<size_t>(item)];
    const Dataset::Place place = data_->place(visit.row);
    const SiteFile& file = files_[place.file];
    const bool varies = visit.training || options_.vary_validation;
    Rng rng(visit.seed, visit.stream);
    const int64_t area = int64_t{options_.size} * options_.size;
    float* out = batch.inputs[kPixels].f32.data() + item * options_.channels * area;
    const CropBox box = varies ? crop(rng, file.side) : CropBox{0, 0, static_cast<float>(file.side), static_cast<float>(file.side)};
    const uint32_t turn = varies ? rng.below(8) : 0;
    const float blur = varies && options_.strength > 0 && rng.chance(0.5f) ? options_.strength * rng.uniform(0.1f, 2.0f) * static_cast<float>(options_.size) / 224.0f : 0.0f;
    const int64_t stored = int64_t{file.side} * file.side;
    for (int32_t channel = 0; channel < options_.channels; channel++) {
      float* to = out + channel * area;
      resample(file.pixels + (place.row * options_.channels + channel) * stored, file.side, file.side, box, options_.size, to);
      if (turn != 0) turned(to, turn);
      if (blur > 0.1f) blurred(to, blur);
      standardise(to, area);
      if (varies && options_.strength > 0) lit(rng, to, area);
    }
    // Validation hides patches as well: the encoder has no other way to look.
    if (options_.patch > 0) choose(rng, batch.inputs[kVisible].f32.data() + item * options_.shown() * options_.patches());
    return Status::ok();
  }

 private:
  // A share of the area and a ratio of the sides, drawn until the crop fits; after ten tries the whole site.
  CropBox crop(Rng& rng, int32_t side) const {
    const float whole = static_cast<float>(side);
    for (int attempt = 0; attempt < 10; attempt++) {
      const float share = rng.uniform(options_.least, options_.most);
      const float ratio = std::exp(rng.uniform(-0.28768207f, 0.28768207f));  // 3 : 4 to 4 : 3
      const float columns = whole * std::sqrt(share * ratio), rows = whole * std::sqrt(share / ratio);
      const float left = rng.uniform(), top = rng.uniform();
      if (columns <= whole && rows <= whole) return {left * (whole - columns), top * (whole - rows), columns, rows};
    }
    return {0, 0, whole, whole};
  }

  // One of the eight turns and mirrors of a square: 1 mirrors, 2 turns upside down, 4 swaps rows and columns.
  void turned(float* pixels, uint32_t turn) const {
    const int32_t size = options_.size;
    thread_local std::vector<float> from;
    from.assign(pixels, pixels + int64_t{size} * size);
    for (int32_t y = 0; y < size; y++) {
      for (int32_t x = 0; x < size; x++) {
        int32_t column = (turn & 1) != 0 ? size - 1 - x : x, row = (turn & 2) != 0 ? size - 1 - y : y;
        if ((turn & 4) != 0) std::swap(column, row);
        pixels[int64_t{y} * size + x] = from[static_cast<size_t>(row) * static_cast<size_t>(size) + static_cast<size_t>(column)];
      }
    }
  }

  // Gaussian of `sigma` pixels, the edge repeated.
  void blurred(float* pixels, float sigma) const {
    const int32_t size = options_.size, reach = std::max(1, static_cast<int32_t>(std::ceil(2.5f * sigma)));
    std::vector<float> kernel;
    for (int32_t i = -reach; i <= reach; i++) kernel.push_back(std::exp(-0.5f * static_cast<float>(i * i) / (sigma * sigma)));
    const float sum = std::accumulate(kernel.begin(), kernel.end(), 0.0f);
    thread_local std::vector<float> line;
    line.resize(static_cast<size_t>(size));
    for (const auto& [across, along] : {std::pair<int64_t, int64_t>{size, 1}, {1, size}}) {
      for (int32_t l = 0; l < size; l++) {
        float* from = pixels + l * across;
        for (int32_t i = 0; i < size; i++) {
          float value = 0;
          for (int32_t k = -reach; k <= reach; k++) value += kernel[static_cast<size_t>(k + reach)] * from[std::clamp(i + k, 0, size - 1) * along];
          line[static_cast<size_t>(i)] = value / sum;
        }
        for (int32_t i = 0; i < size; i++) from[i * along] = line[static_cast<size_t>(i)];
      }
    }
  }

  // Mean 0 and variance 1; what varies by less than a grey level is noise, and stays small.
  static void standardise(float* pixels, int64_t count) {
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < count; i++) sum += pixels[i];
    const double mean = sum / static_cast<double>(count);
    for (int64_t i = 0; i < count; i++) squares += (pixels[i] - mean) * (pixels[i] - mean);
    const double scale = 1.0 / std::max(1.0, std::sqrt(squares / static_cast<double>(count)));
    for (int64_t i = 0; i < count; i++) pixels[i] = static_cast<float>((pixels[i] - mean) * scale);
  }

  // Contrast, brightness and noise of one channel.
  void lit(Rng& rng, float* pixels, int64_t count) const {
    const float contrast = 1.0f + 0.4f * options_.strength * rng.uniform(-1.0f, 1.0f), brightness = 0.4f * options_.strength * rng.uniform(-1.0f, 1.0f);
    const float noise = 0.1f * options_.strength * rng.uniform();
    for (int64_t i = 0; i < count; i++) pixels[i] = contrast * pixels[i] + brightness + noise * rng.normal();
  }

  // out: (K, T).
  void choose(Rng& rng, float* out) const {
    const int32_t patches = options_.patches(), shown = options_.shown();
    std::fill(out, out + int64_t{shown} * patches, 0.0f);
    std::vector<int32_t> order(static_cast<size_t>(patches));
    std::iota(order.begin(), order.end(), 0);
    for (int32_t k = 0; k < shown; k++) std::swap(order[static_cast<size_t>(k)], order[static_cast<size_t>(k) + rng.below(static_cast<uint32_t>(patches - k))]);
    std::sort(order.begin(), order.begin() + shown);
    for (int32_t k = 0; k < shown; k++) out[int64_t{k} * patches + order[static_cast<size_t>(k)]] = 1.0f;
  }

  std::shared_ptr<const Dataset> data_;
  const Options options_;
  std::vector<SiteFile> files_;
};

Status refuse(const std::string& expected) {
  return {Code::kArgumentInvalid, "Expected " + expected + " Correct \"feeds\" of the run configuration."};
}

Expected<std::unique_ptr<Feed>> make(const FeedSpec& spec, std::shared_ptr<const Dataset> data) {
  Options options;
  options.size = static_cast<int32_t>(spec.options["size"].as_integer(0));
  options.channels = static_cast<int32_t>(spec.options["channels"].as_integer(0));
  if (options.size < 8 || options.size > 2048 || options.channels < 1 || options.channels > 16) {
    return refuse("the cells feed to give a size from 8 to 2,048 pixels and 1 to 16 channels.");
  }
  const Json& crop = spec.options["crop"];
  options.least = static_cast<float>(crop["minimum"].as_number(1));
  options.most = static_cast<float>(crop["maximum"].as_number(1));
  if (!(options.least > 0 && options.least <= options.most && options.most <= 1)) {
    return refuse("the crop of the cells feed with a minimum above 0 and a maximum from it to 1.");
  }
  options.strength = static_cast<float>(spec.options["strength"].as_number(0));
  if (!(options.strength >= 0 && options.strength <= 1)) return refuse("the strength of the cells feed from 0 to 1.");
  options.patch = static_cast<int32_t>(spec.options["patch"].as_integer(0));
  options.hide = static_cast<float>(spec.options["hide"].as_number(0));
  const bool wants_patches = !spec.inputs[kVisible].name.empty();
  if (wants_patches && !(options.patch > 0 && options.size % options.patch == 0 && options.hide >= 0 && options.hide < 1 && options.shown() > 0)) {
    return refuse("the cells feed to give a patch that divides its size, and to hide a share of the patches from 0 to below 1.");
  }
  if (!wants_patches) options.patch = 0;
  options.vary_validation = spec.options["varyValidation"].as_bool();
  auto feed = std::make_unique<CellsFeed>(std::move(data), options);
  ISOLENS_TRY(feed->open(spec.column));
  return std::unique_ptr<Feed>(std::move(feed));
}

}  // namespace

// crop: share of the area, from `minimum` to `maximum`. varyValidation: validation sees such views too.
FeedKind cells_feed() {
  return {"cells", {{"pixels", "f32"}, {"visible", "f32", true}}, {"size", "channels", "crop", "strength", "patch", "hide", "varyValidation"}, make};
}

}  // namespace isolens
