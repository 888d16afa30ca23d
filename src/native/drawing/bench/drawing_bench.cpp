// Sample sheets and speed of the drawing engine.
//   drawing_bench speed LAYOUTS HEIGHT WIDTH STRENGTH COUNT
//   drawing_bench sheet LAYOUTS HEIGHT WIDTH STRENGTH COLUMNS ROWS SEED OUT.pgm [REPEAT]   REPEAT drawings of each molecule
//   drawing_bench normalise HEIGHT WIDTH COLUMNS OUT.pgm FILE.pgm...     binary 8-bit PGM files through normalise_drawing
//   drawing_bench pictures HEIGHT WIDTH STRENGTH COLUMNS SEED OUT.pgm FILE.pgm...   pictures by other programs, scanned as in training
//   drawing_bench check                                                  hostile layouts and pictures; exit status 1 on a fault
// LAYOUTS is text: per molecule a line "atoms bonds", then per atom "element charge hydrogens isotope x y", then per bond
// "begin end order aromatic stereo".
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "../drawing.h"

namespace {

using isolens::DrawingOptions;
using isolens::Layout;
using isolens::Rng;

struct Stored {
  std::vector<uint8_t> element, hydrogens, begin, end, order, aromatic, stereo;
  std::vector<int8_t> charge;
  std::vector<uint16_t> isotope;
  std::vector<float> xy;
  Layout view() const {
    Layout layout;
    layout.atoms = static_cast<int>(element.size());
    layout.bonds = static_cast<int>(begin.size());
    layout.element = element.data();
    layout.charge = charge.data();
    layout.hydrogens = hydrogens.data();
    layout.isotope = isotope.data();
    layout.xy = xy.data();
    layout.begin = begin.data();
    layout.end = end.data();
    layout.order = order.data();
    layout.aromatic = aromatic.data();
    layout.stereo = stereo.data();
    return layout;
  }
};

std::vector<Stored> load(const char* path) {
  std::vector<Stored> all;
  FILE* file = std::fopen(path, "r");
  int atoms, bonds;
  while (file && std::fscanf(file, "%d %d", &atoms, &bonds) == 2) {
    Stored one;
    for (int i = 0; i < atoms; ++i) {
      int e, c, h, m;
      float x, y;
      if (std::fscanf(file, "%d %d %d %d %f %f", &e, &c, &h, &m, &x, &y) != 6) break;
      one.element.push_back(static_cast<uint8_t>(e));
      one.charge.push_back(static_cast<int8_t>(c));
      one.hydrogens.push_back(static_cast<uint8_t>(h));
      one.isotope.push_back(static_cast<uint16_t>(m));
      one.xy.push_back(x);
      one.xy.push_back(y);
    }
    for (int i = 0; i < bonds; ++i) {
      int b, e, o, a, s;
      if (std::fscanf(file, "%d %d %d %d %d", &b, &e, &o, &a, &s) != 5) break;
      one.begin.push_back(static_cast<uint8_t>(b));
      one.end.push_back(static_cast<uint8_t>(e));
      one.order.push_back(static_cast<uint8_t>(o));
      one.aromatic.push_back(static_cast<uint8_t>(a));
      one.stereo.push_back(static_cast<uint8_t>(s));
    }
    all.push_back(std::move(one));
  }
  if (file) std::fclose(file);
  return all;
}

// A grid of tensors on a grey ground, ink shown black.
class Sheet {
 public:
  Sheet(int height, int width, int columns, int rows) : height_(height), width_(width), columns_(columns),
      sheetWidth_(columns * (width + 6)), pixels_(static_cast<size_t>(sheetWidth_) * rows * (height + 6), 190) {}
  void put(int index, const float* tensor) {
    const int top = index / columns_ * (height_ + 6) + 3, left = index % columns_ * (width_ + 6) + 3;
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x) {
        pixels_[static_cast<size_t>(top + y) * sheetWidth_ + left + x] = static_cast<uint8_t>(255 - 255 * tensor[y * width_ + x] + 0.5f);
      }
    }
  }
  bool write(const char* path) const {
    FILE* file = std::fopen(path, "wb");
    if (!file) return false;
    std::fprintf(file, "P5 %d %zu 255\n", sheetWidth_, pixels_.size() / sheetWidth_);
    std::fwrite(pixels_.data(), 1, pixels_.size(), file);
    return std::fclose(file) == 0;
  }

 private:
  int height_, width_, columns_, sheetWidth_;
  std::vector<uint8_t> pixels_;
};

int speed(const std::vector<Stored>& molecules, DrawingOptions options, int count) {
  std::vector<float> out(static_cast<size_t>(options.height) * options.width);
  double sum = 0;
  const std::clock_t start = std::clock();  // processor time: other work on the machine does not count
  for (int i = 0; i < count; ++i) {
    Rng rng(7, static_cast<uint64_t>(i));
    isolens::render_drawing(out.data(), molecules[i % molecules.size()].view(), options, rng);
    for (size_t k = 0; k < out.size(); k += 97) sum += out[k];
  }
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  std::printf("%d x %d, strength %.2f: %.0f drawings/s of processor time, %.0f us each (sum %.3g)\n", options.height, options.width, options.strength,
              count / seconds, 1e6 * seconds / count, sum);
  return 0;
}

bool read_pgm(const char* path, std::vector<uint8_t>& pixels, int& rows, int& columns) {
  FILE* file = std::fopen(path, "rb");
  if (!file) return false;
  const bool header = std::fscanf(file, "P5 %d %d 255", &columns, &rows) == 2;
  std::fgetc(file);
  pixels.resize(header ? static_cast<size_t>(rows) * columns : 0);
  const bool full = header && std::fread(pixels.data(), 1, pixels.size(), file) == pixels.size();
  std::fclose(file);
  return full;
}

// What `make` writes of each picture, on one sheet.
template <typename Make>
int sheet_of_files(int height, int width, int columns, const char* out, char** files, int count, const Make& make) {
  Sheet sheet(height, width, columns, (count + columns - 1) / columns);
  std::vector<float> tensor(static_cast<size_t>(height) * width);
  for (int i = 0; i < count; ++i) {
    std::vector<uint8_t> pixels;
    int rows = 0, wide = 0;
    if (!read_pgm(files[i], pixels, rows, wide)) {
      std::fprintf(stderr, "cannot read %s\n", files[i]);
      continue;
    }
    make(tensor.data(), isolens::Picture{pixels.data(), rows, wide}, i);
    sheet.put(i, tensor.data());
  }
  return sheet.write(out) ? 0 : 1;
}

int normalise(int height, int width, int columns, const char* out, char** files, int count) {
  return sheet_of_files(height, width, columns, out, files, count, [&](float* tensor, const isolens::Picture& picture, int) {
    isolens::normalise_drawing(tensor, height, width, picture.gray, picture.rows, picture.columns);
  });
}

int pictures(const DrawingOptions& options, int columns, uint64_t seed, const char* out, char** files, int count) {
  return sheet_of_files(options.height, options.width, columns, out, files, count, [&](float* tensor, const isolens::Picture& picture, int i) {
    Rng rng(seed, static_cast<uint64_t>(i));
    isolens::render_picture(tensor, picture, options, rng);
  });
}

Stored random_layout(Rng& rng) {
  Stored one;
  const int atoms = static_cast<int>(rng.below(rng.chance(0.2f) ? 256 : 12)), bonds = static_cast<int>(rng.below(rng.chance(0.2f) ? 500 : 14));
  const float reach = rng.chance(0.2f) ? 9e4f : rng.chance(0.2f) ? 0 : 5;
  for (int i = 0; i < atoms; ++i) {
    one.element.push_back(static_cast<uint8_t>(rng.chance(0.7f) ? 6 + rng.below(4) : rng.below(256)));
    one.charge.push_back(static_cast<int8_t>(rng.chance(0.8f) ? 0 : rng.next()));
    one.hydrogens.push_back(static_cast<uint8_t>(rng.chance(0.8f) ? rng.below(4) : rng.next()));
    one.isotope.push_back(static_cast<uint16_t>(rng.chance(0.9f) ? 0 : rng.next()));
    for (int k = 0; k < 2; ++k) one.xy.push_back(rng.chance(0.001f) ? std::nanf("") : rng.uniform(-reach, reach));
  }
  for (int i = 0; i < bonds; ++i) {
    one.begin.push_back(static_cast<uint8_t>(rng.chance(0.05f) ? rng.next() : rng.below(static_cast<uint32_t>(atoms + 1))));
    one.end.push_back(static_cast<uint8_t>(rng.below(static_cast<uint32_t>(atoms + 1))));
    one.order.push_back(static_cast<uint8_t>(rng.chance(0.95f) ? 1 + rng.below(3) : rng.next()));
    one.aromatic.push_back(static_cast<uint8_t>(rng.below(2)));
    one.stereo.push_back(static_cast<uint8_t>(rng.chance(0.5f) ? 0 : rng.below(10)));
  }
  return one;
}

bool fail(const char* what, int at) {
  std::fprintf(stderr, "%s (case %d)\n", what, at);
  return false;
}

bool check_layouts() {
  std::vector<float> out, again;
  for (int i = 0; i < 6000; ++i) {
    Rng random(11, static_cast<uint64_t>(i));
    DrawingOptions options;
    options.height = random.chance(0.2f) ? 1 + static_cast<int>(random.below(40)) : 64;
    options.width = random.chance(0.2f) ? 1 + static_cast<int>(random.below(40)) : 96;
    options.strength = random.chance(0.8f) ? 1.0f : random.uniform(-1, 5);
    Stored one = random_layout(random);
    Layout layout = one.view();
    if (random.chance(0.02f)) layout.xy = nullptr;
    if (random.chance(0.02f)) layout.begin = nullptr;
    if (random.chance(0.02f)) layout.stereo = layout.aromatic = nullptr;
    if (random.chance(0.02f)) layout.charge = nullptr;
    out.assign(static_cast<size_t>(options.height) * options.width, -7);
    again = out;
    Rng first = random, second = random;
    isolens::render_drawing(out.data(), layout, options, first);
    isolens::render_drawing(again.data(), layout, options, second);
    if (std::memcmp(out.data(), again.data(), out.size() * sizeof(float)) != 0) return fail("the same seed drew two pictures", i);
    for (const float value : out) if (!(value >= 0 && value <= 1)) return fail("a value outside 0..1", i);
    if (layout.xy == nullptr || layout.atoms == 0) for (const float value : out) if (value != 0) return fail("ink without a molecule", i);
  }
  return true;
}

// Pictures of every shape: values stay within 0..1, the same seed draws the same, nothing is drawn of none.
bool check_foreign_pictures() {
  std::vector<float> out, again;
  for (int i = 0; i < 1500; ++i) {
    Rng random(13, static_cast<uint64_t>(i));
    DrawingOptions options;
    options.height = 1 + static_cast<int>(random.below(80));
    options.width = 1 + static_cast<int>(random.below(120));
    options.strength = random.uniform(-1, 2);
    const int rows = random.chance(0.05f) ? 4097 : static_cast<int>(random.below(random.chance(0.1f) ? 900 : 90));
    const int columns = rows > 4096 ? 1 : static_cast<int>(random.below(random.chance(0.1f) ? 900 : 90));
    std::vector<uint8_t> gray(static_cast<size_t>(rows) * columns);
    for (uint8_t& value : gray) value = random.chance(0.8f) ? 255 : static_cast<uint8_t>(random.next());
    const isolens::Picture picture{random.chance(0.05f) ? nullptr : gray.data(), rows, columns};
    out.assign(static_cast<size_t>(options.height) * options.width, -7);
    again = out;
    Rng first = random, second = random;
    isolens::render_picture(out.data(), picture, options, first);
    isolens::render_picture(again.data(), picture, options, second);
    if (std::memcmp(out.data(), again.data(), out.size() * sizeof(float)) != 0) return fail("the same seed scanned two pictures", i);
    const bool none = picture.gray == nullptr || rows == 0 || columns == 0 || rows > 4096;
    for (const float value : out) if (!(value >= 0 && value <= 1) || (none && value != 0)) return fail("a value that no picture gives", i);
  }
  return true;
}

// White on black and grey on grey must give what black on white gives; a lone speck must not widen the crop.
bool check_pictures() {
  constexpr int kRows = 200, kColumns = 300, kHeight = 64, kWidth = 96;
  std::vector<uint8_t> plain(kRows * kColumns, 255), other(plain.size());
  std::vector<float> expected(kHeight * kWidth), got(expected.size());
  if (isolens::normalise_drawing(got.data(), kHeight, kWidth, plain.data(), kRows, kColumns)) return fail("ink on a blank page", 0);
  for (int x = 60; x < 240; ++x) for (int k = 0; k < 3; ++k) plain[(60 + x / 4 + k) * kColumns + x] = plain[(140 + k) * kColumns + x] = 0;
  const auto differs = [&](const std::vector<uint8_t>& picture) {
    if (!isolens::normalise_drawing(got.data(), kHeight, kWidth, picture.data(), kRows, kColumns)) return true;
    for (size_t i = 0; i < got.size(); ++i) if (std::fabs(got[i] - expected[i]) > 0.02f) return true;
    return false;
  };
  isolens::normalise_drawing(expected.data(), kHeight, kWidth, plain.data(), kRows, kColumns);
  for (size_t i = 0; i < plain.size(); ++i) other[i] = static_cast<uint8_t>(255 - plain[i]);
  if (differs(other)) return fail("an inverted picture differs", 1);
  for (size_t i = 0; i < plain.size(); ++i) other[i] = plain[i] ? 200 : 90;
  if (differs(other)) return fail("a pale picture differs", 2);
  other = plain;
  other[5 * kColumns + 290] = 0;
  return differs(other) ? fail("a speck widened the crop", 3) : true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  if (command == "normalise" && argc > 6) {
    return normalise(std::atoi(argv[2]), std::atoi(argv[3]), std::atoi(argv[4]), argv[5], argv + 6, argc - 6);
  }
  if (command == "check") return check_layouts() && check_pictures() && check_foreign_pictures() ? 0 : 1;
  if (command == "pictures" && argc > 8) {
    DrawingOptions options;
    options.height = std::atoi(argv[2]);
    options.width = std::atoi(argv[3]);
    options.strength = static_cast<float>(std::atof(argv[4]));
    return pictures(options, std::atoi(argv[5]), static_cast<uint64_t>(std::atoi(argv[6])), argv[7], argv + 8, argc - 8);
  }
  if (argc < 7) {
    std::fprintf(stderr, "expected speed, sheet, pictures, normalise or check; see the head of drawing_bench.cpp\n");
    return 2;
  }
  const std::vector<Stored> molecules = load(argv[2]);
  DrawingOptions options;
  options.height = std::atoi(argv[3]);
  options.width = std::atoi(argv[4]);
  options.strength = static_cast<float>(std::atof(argv[5]));
  if (molecules.empty()) {
    std::fprintf(stderr, "no molecule in %s\n", argv[2]);
    return 2;
  }
  if (command == "speed") return speed(molecules, options, std::atoi(argv[6]));
  if (command != "sheet" || argc < 10) return 2;
  const int columns = std::atoi(argv[6]), rows = std::atoi(argv[7]), repeat = argc > 10 ? std::atoi(argv[10]) : 1;
  Sheet sheet(options.height, options.width, columns, rows);
  std::vector<float> tensor(static_cast<size_t>(options.height) * options.width);
  for (int i = 0; i < columns * rows; ++i) {
    Rng rng(static_cast<uint64_t>(std::atoi(argv[8])), static_cast<uint64_t>(i));
    isolens::render_drawing(tensor.data(), molecules[(i / repeat) % molecules.size()].view(), options, rng);
    sheet.put(i, tensor.data());
  }
  return sheet.write(argv[9]) ? 0 : 1;
}
