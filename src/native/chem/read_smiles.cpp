#include <array>

#include "elements.h"
#include "graph.h"

namespace isolens::chem {
namespace {

constexpr int kMostRings = 100;  // %00 to %99
// Of an organic molecule; matching is exponential in it.
constexpr int kMostNeighbours = 8;

// What a bond symbol says; kDefault: single, or aromatic between aromatic atoms.
enum Symbol : uint8_t { kDefault, kSingle, kDouble, kTriple, kAromatic, kDirected };

struct OpenRing {
  int atom = -1;
  Symbol symbol = kDefault;
};

class Reader {
 public:
  Reader(std::string_view text, Graph& graph) : text_(text), graph_(graph) {}

  bool read() {
    graph_.clear();
    while (at_ < text_.size()) {
      if (!step()) return false;
    }
    if (graph_.atoms == 0 || !branches_.empty() || open_rings_ != 0 || symbol_ != kDefault) return false;
    graph_.connect();
    return true;
  }

 private:
  char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  bool step() {
    const char c = peek();
    if (c == '(') {
      if (last_ < 0) return false;
      branches_.push_back(last_);
      ++at_;
      return true;
    }
    if (c == ')') {
      if (branches_.empty()) return false;
      last_ = branches_.back();
      branches_.pop_back();
      ++at_;
      return true;
    }
    if (c == '[') return bracket();
    if (c >= '0' && c <= '9') {
      ++at_;
      return ring(c - '0');
    }
    if (c == '%') return two_digit_ring();
    return bond_symbol(c) || organic();
  }

  bool bond_symbol(char c) {
    // An arrow is no single bond.
    if (c == '-' && peek(1) == '>') return false;
    const Symbol symbol = c == '-' ? kSingle : c == '=' ? kDouble : c == '#' ? kTriple : c == ':' ? kAromatic : c == '/' || c == '\\' ? kDirected : kDefault;
    if (symbol == kDefault || symbol_ != kDefault || last_ < 0) return false;
    symbol_ = symbol;
    ++at_;
    return true;
  }

  bool two_digit_ring() {
    const char tens = peek(1), ones = peek(2);
    if (tens < '0' || tens > '9' || ones < '0' || ones > '9') return false;
    at_ += 3;
    return ring((tens - '0') * 10 + (ones - '0'));
  }

  bool ring(int number) {
    if (last_ < 0) return false;
    OpenRing& open = rings_[number];
    if (open.atom < 0) {
      open = {last_, symbol_};
      ++open_rings_;
    } else {
      if (open.atom == last_) return false;
      if (!bond(open.atom, last_, symbol_ != kDefault ? symbol_ : open.symbol)) return false;
      open.atom = -1;
      --open_rings_;
    }
    symbol_ = kDefault;
    return true;
  }

  bool organic() {
    const char c = peek();
    const bool two = (c == 'C' && peek(1) == 'l') || (c == 'B' && peek(1) == 'r');
    const bool is_aromatic = c >= 'a' && c <= 'z';
    const int element = two ? (c == 'C' ? kChlorine : kBromine) : organic_element(c);
    if (element == 0) return false;
    at_ += two ? 2 : 1;
    const int a = atom(element, is_aromatic);
    if (a < 0) return false;
    implicit_.push_back(static_cast<uint16_t>(a));
    return true;
  }

  static int organic_element(char c) {
    switch (c) {
      case 'B': case 'b': return kBoron;
      case 'C': case 'c': return kCarbon;
      case 'N': case 'n': return kNitrogen;
      case 'O': case 'o': return kOxygen;
      case 'F': return kFluorine;
      case 'P': case 'p': return kPhosphorus;
      case 'S': case 's': return kSulfur;
      case 'I': return kIodine;
      default: return 0;
    }
  }

  // [isotope? symbol @? H? charge?]
  bool bracket() {
    ++at_;
    int isotope = 0;
    while (is_digit()) isotope = isotope * 10 + digit();
    const Element found = element_at(text_.substr(at_));
    if (found.number == 0 || isotope > 999) return false;
    at_ += found.length;
    const int a = atom(found.number, found.is_aromatic);
    if (a < 0) return false;
    graph_.isotope[a] = static_cast<uint16_t>(isotope);
    if (peek() == '@') {
      at_ += peek(1) == '@' ? 2 : 1;
      // @SP1 and its like are more than one of two hands.
      if (peek() == '@' || (peek() >= 'A' && peek() <= 'Z' && peek() != 'H')) return false;
      graph_.chiral[a] = 1;
    }
    if (peek() == 'H') {
      ++at_;
      graph_.hydrogens[a] = static_cast<uint8_t>(is_digit() ? digit() : 1);
    }
    if (peek() == '+' || peek() == '-') {
      const int sign = text_[at_++] == '+' ? 1 : -1;
      graph_.charge[a] = static_cast<int8_t>(sign * (is_digit() ? digit() : 1));
    }
    if (peek() != ']') return false;
    ++at_;
    return true;
  }

  bool is_digit() const { return peek() >= '0' && peek() <= '9'; }
  int digit() { return text_[at_++] - '0'; }

  int atom(int element, bool is_aromatic) {
    if (graph_.atoms >= kMostAtoms || (graph_.atoms > 0 && last_ < 0)) return -1;
    const int a = graph_.add_atom(element);
    graph_.aromatic[a] = is_aromatic ? 1 : 0;
    if (last_ >= 0 && !bond(last_, a, symbol_)) return -1;
    symbol_ = kDefault;
    last_ = a;
    return a;
  }

  bool bond(int a, int b, Symbol symbol) {
    const bool between_aromatic = graph_.aromatic[a] && graph_.aromatic[b];
    const bool is_aromatic = symbol == kAromatic || ((symbol == kDefault || symbol == kDirected) && between_aromatic);
    if (is_aromatic && !between_aromatic) return false;
    const int made = graph_.add_bond(a, b, symbol == kDouble ? 2 : symbol == kTriple ? 3 : 1, is_aromatic);
    graph_.directed[made] = symbol == kDirected ? 1 : 0;
    return true;
  }

 public:
  // Atoms without brackets, whose hydrogens are to be found.
  const std::vector<uint16_t>& implicit() const { return implicit_; }

 private:
  std::string_view text_;
  Graph& graph_;
  size_t at_ = 0;
  int last_ = -1, open_rings_ = 0;
  Symbol symbol_ = kDefault;
  std::vector<int> branches_;
  std::vector<uint16_t> implicit_;
  std::array<OpenRing, kMostRings> rings_;
};

// Bonds as a Kekule structure counts them, but for the double bond of an aromatic atom.
int plain_valence(const Graph& g, int a) {
  int sum = 0;
  for (int i = g.offset[a]; i < g.offset[a + 1]; ++i) sum += g.order[g.bond_of[i]];
  return sum;
}

// Valences that an atom may have, the usual one first; empty for an element that none is known of.
struct Valences {
  int count = 0, values[3] = {0, 0, 0};
};

Valences valences_of(int element, int charge) {
  // A charged atom bonds as the neighbour in the table with as many electrons does.
  switch (element) {
    case kBoron: return charge == -1 ? Valences{1, {4}} : Valences{1, {3}};
    case kCarbon: return charge == 0 ? Valences{1, {4}} : Valences{1, {3}};
    case kNitrogen: return charge == 1 ? Valences{1, {4}} : charge == -1 ? Valences{1, {2}} : Valences{1, {3}};
    case kPhosphorus: case kArsenic: return charge == 1 ? Valences{1, {4}} : charge == -1 ? Valences{1, {2}} : Valences{3, {3, 5, 7}};
    case kOxygen: return charge == 1 ? Valences{1, {3}} : charge == -1 ? Valences{1, {1}} : Valences{1, {2}};
    case kSulfur: case kSelenium: case kTellurium: return charge == 1 ? Valences{2, {3, 5}} : charge == -1 ? Valences{1, {1}} : Valences{3, {2, 4, 6}};
    case kSilicon: return Valences{1, {4}};
    case kIodine: return Valences{3, {1, 3, 5}};
    case kFluorine: case kChlorine: case kBromine: return Valences{1, {1}};
    default: return {};
  }
}

// An aromatic atom has a double bond within its rings where its other bonds leave a valence over.
bool settle_aromatic(Graph& g, int a, bool is_implicit) {
  const Valences valences = valences_of(g.element[a], g.charge[a]);
  if (valences.count == 0) return false;
  const int used = plain_valence(g, a);
  // Without brackets only carbon (and boron) carries a hydrogen in a ring that is drawn aromatic.
  if (is_implicit && (g.element[a] == kCarbon)) g.hydrogens[a] = static_cast<uint8_t>(used < 3 ? 3 - used : 0);
  else if (is_implicit && g.element[a] == kBoron) return false;
  const int taken = used + g.hydrogens[a];
  for (int i = 0; i < valences.count; ++i) {
    const int left = valences.values[i] - taken;
    if (left < 0) continue;
    if (left > 1) return false;
    g.ring_double[a] = static_cast<uint8_t>(left);
    return true;
  }
  return false;
}

bool settle_implicit(Graph& g, int a) {
  const Valences valences = valences_of(g.element[a], 0);
  const int used = plain_valence(g, a);
  for (int i = 0; i < valences.count; ++i) {
    if (valences.values[i] < used) continue;
    g.hydrogens[a] = static_cast<uint8_t>(valences.values[i] - used);
    return true;
  }
  return false;
}

bool settle_hydrogens(Graph& g, const std::vector<uint16_t>& implicit) {
  size_t next = 0;
  for (int a = 0; a < g.atoms; ++a) {
    const bool is_implicit = next < implicit.size() && implicit[next] == a;
    if (is_implicit) ++next;
    if (g.aromatic[a] ? !settle_aromatic(g, a, is_implicit) : is_implicit && !settle_implicit(g, a)) return false;
  }
  for (int a = 0; a < g.atoms; ++a) {
    int explicit_hydrogens = 0;
    for (int i = g.offset[a]; i < g.offset[a + 1]; ++i) explicit_hydrogens += g.element[g.neighbour[i]] == kHydrogen ? 1 : 0;
    g.all_hydrogens[a] = static_cast<uint8_t>(g.hydrogens[a] + explicit_hydrogens);
    g.valence[a] = static_cast<uint8_t>(plain_valence(g, a) + g.hydrogens[a] + g.ring_double[a]);
  }
  return true;
}

bool is_crowded(const Graph& g) {
  for (int a = 0; a < g.atoms; ++a) {
    if (g.degree(a) > kMostNeighbours) return true;
  }
  return false;
}

bool aromatic_bonds_lie_in_rings(const Graph& g) {
  for (int b = 0; b < g.bonds; ++b) {
    if (g.aromatic_bond[b] && !g.ring_bond[b]) return false;
  }
  return true;
}

}  // namespace

bool read_smiles(std::string_view text, Graph& graph) {
  Reader reader(text, graph);
  return reader.read() && !is_crowded(graph) && settle_hydrogens(graph, reader.implicit()) && find_rings(graph) && aromatic_bonds_lie_in_rings(graph);
}

}  // namespace isolens::chem
