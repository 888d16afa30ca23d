// Mutated SMILES through everything that the featuriser computes; for sanitizers, which end the program at the first fault.
//   build/chem-fuzz SMILES-FILE [inputs] [seed]
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>

#include "../featurise.h"

namespace {

using isolens::chem::Featuriser;
using isolens::chem::FeatureRequest;
using isolens::chem::FingerprintKind;

constexpr const char* kPieces[] = {"C", "c", "N", "n", "O", "o", "S", "[nH]", "[N+]", "[C@@H]", "[Fe+2]", "[2H]", "(", ")", "=", "#", "1", "2", "%99", "%(100)", "/", "\\",
                                   "-", ":", "->", ".", "*", "@", "[", "]", "H", "+", "-9", "Cl", "Br", "[SiH3]", "[se]", "c1ccccc1", "C1CC1", "C12C3C4C1C5C2C3C45", "$", "~", "\xff"};

std::string mutated(const std::vector<std::string>& texts, std::mt19937_64& random) {
  const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
  std::string text = texts[below(texts.size())];
  for (size_t change = below(3) == 0 ? 1 + below(6) : 1; change > 0; --change) {
    const size_t at = below(text.size() + 1);
    switch (below(6)) {
      case 0: text.insert(at, kPieces[below(std::size(kPieces))]); break;
      case 1: text.erase(at, 1 + below(4)); break;
      case 2: if (at < text.size()) text[at] = static_cast<char>(random()); break;
      case 3: text.insert(at, text.substr(below(text.size() + 1), below(24))); break;
      case 4: { const std::string& other = texts[below(texts.size())]; text = text.substr(0, at) + other.substr(std::min(other.size(), below(other.size() + 1))); break; }
      default: for (size_t n = below(40); n > 0; --n) text.insert(at, "C1"); break;
    }
  }
  // A line is one molecule.
  for (char& c : text) c = c == '\n' ? ' ' : c;
  return text;
}

FeatureRequest everything() {
  FeatureRequest request;
  for (const auto kind : {FingerprintKind::kMorgan, FingerprintKind::kFeatureMorgan, FingerprintKind::kAtomPair, FingerprintKind::kTorsion, FingerprintKind::kPharmacophorePair, FingerprintKind::kPattern}) {
    request.bits.push_back({kind, 2048, 2});
    request.counts.push_back({{kind, 1024, 3}});
  }
  request.descriptors = request.scaffold = request.pharmacophore = request.alerts = true;
  return request;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "Expected a file of SMILES, one a line: chem-fuzz FILE [inputs] [seed]\n");
    return 2;
  }
  std::ifstream file(arguments[1]);
  std::vector<std::string> texts;
  for (std::string line; std::getline(file, line);) texts.push_back(line.substr(0, line.find_first_of(" \t")));
  if (texts.empty()) {
    std::fprintf(stderr, "Expected SMILES in %s but found none.\n", arguments[1]);
    return 2;
  }
  const size_t inputs = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 100000;
  std::mt19937_64 random(count > 3 ? std::strtoull(arguments[3], nullptr, 10) : 1);
  auto featuriser = Featuriser::create({"[CX3H1](=O)[#6]", "[NX3;!R;!$(NC=O)]", "O=C1[#6]~[#6]C(=O)[#6]=,:[#6]1"});
  if (!featuriser) return 1;
  const FeatureRequest request = everything();
  size_t understood = 0;
  constexpr size_t kAtOnce = 256;
  for (size_t done = 0; done < inputs; done += kAtOnce) {
    std::vector<std::string> batch;
    for (size_t i = 0; i < kAtOnce; ++i) batch.push_back(mutated(texts, random));
    const std::vector<std::string_view> views(batch.begin(), batch.end());
    for (const uint8_t one : (*featuriser)->compute(views, request, 1).understood) understood += one;
  }
  std::printf("%zu inputs, %zu understood, no fault\n", inputs, understood);
  return 0;
}
