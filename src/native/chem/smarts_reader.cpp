#include <map>

#include "smarts.h"

namespace isolens::chem {

namespace {
bool is_digit(char c) { return c >= '0' && c <= '9'; }

Condition test(Condition::Kind kind, int value = 0) { return {kind, value, {}}; }

Condition join(Condition::Kind kind, Condition a, Condition b) {
  if (a.kind == kind) {
    a.parts.push_back(std::move(b));
    return a;
  }
  Condition both = test(kind);
  both.parts.push_back(std::move(a));
  both.parts.push_back(std::move(b));
  return both;
}

Condition negate(Condition a) {
  Condition out = test(Condition::kNot);
  out.parts.push_back(std::move(a));
  return out;
}

Condition element(int number, bool is_aromatic) { return join(Condition::kAnd, test(Condition::kElement, number), test(is_aromatic ? Condition::kAromatic : Condition::kAliphatic)); }

}  // namespace

// Recursive descent; every function answers false for what it cannot read.
class SmartsReader {
 public:
  SmartsReader(std::string_view text, Pattern& pattern, int& slots) : text_(text), pattern_(pattern), slots_(slots) {}

  bool read() {
    while (at_ < text_.size()) {
      if (!step()) return false;
    }
    if (pattern_.atoms_.empty() || !branches_.empty() || !rings_.empty() || has_bond_) return false;
    pattern_.set_possible();
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
    if (is_digit(c)) return ring();
    if (c == '[') return bracket();
    if (std::string_view("-=#:~@!").find(c) != std::string_view::npos) return bond();
    Condition condition;
    return bare(condition) && atom(std::move(condition));
  }

  bool bare(Condition& out) {
    const char c = peek();
    if (c == '*' || c == 'a' || c == 'A') {
      ++at_;
      out = test(c == '*' ? Condition::kAny : c == 'a' ? Condition::kAromatic : Condition::kAliphatic);
      return true;
    }
    // Outside brackets "Cn" is a carbon and an aromatic nitrogen: of pairs only the halogens are one atom.
    const bool is_halogen = (c == 'C' && peek(1) == 'l') || (c == 'B' && peek(1) == 'r');
    return symbol(out, is_halogen ? 2 : 1);
  }

  bool symbol(Condition& out, size_t longest = 2) {
    const Element found = element_at(text_.substr(at_, longest));
    if (found.number == 0) return false;
    at_ += found.length;
    out = element(found.number, found.is_aromatic);
    return true;
  }

  bool bracket() {
    ++at_;
    Condition condition;
    if (!low_and(condition, true) || peek() != ']') return false;
    ++at_;
    return atom(std::move(condition));
  }

  bool bond() {
    if (has_bond_ || last_ < 0) return false;
    has_bond_ = true;
    return low_and(bond_, false);
  }

  // ; binds least, then , then & and nothing at all, then !.
  bool low_and(Condition& out, bool of_atom) { return joined(out, of_atom, ';', Condition::kAnd, &SmartsReader::either); }
  bool either(Condition& out, bool of_atom) { return joined(out, of_atom, ',', Condition::kOr, &SmartsReader::high_and); }

  using Part = bool (SmartsReader::*)(Condition&, bool);
  bool joined(Condition& out, bool of_atom, char sign, Condition::Kind kind, Part part) {
    if (!(this->*part)(out, of_atom)) return false;
    while (peek() == sign) {
      ++at_;
      Condition next;
      if (!(this->*part)(next, of_atom)) return false;
      out = join(kind, std::move(out), std::move(next));
    }
    return true;
  }

  bool high_and(Condition& out, bool of_atom) {
    if (!negated(out, of_atom)) return false;
    while (true) {
      if (peek() == '&') ++at_;
      else if (of_atom ? peek() == ']' || peek() == ',' || peek() == ';' || peek() == '\0' : std::string_view("-=#:~@!").find(peek()) == std::string_view::npos || peek() == '\0') return true;
      Condition next;
      if (!negated(next, of_atom)) return false;
      out = join(Condition::kAnd, std::move(out), std::move(next));
    }
  }

  bool negated(Condition& out, bool of_atom) {
    if (peek() != '!') return of_atom ? atom_test(out) : bond_test(out);
    ++at_;
    Condition inner;
    if (!negated(inner, of_atom)) return false;
    out = negate(std::move(inner));
    return true;
  }

  bool bond_test(Condition& out) {
    switch (peek()) {
      case '-': out = test(Condition::kOrder, 1); break;
      case '=': out = test(Condition::kOrder, 2); break;
      case '#': out = test(Condition::kOrder, 3); break;
      case ':': out = test(Condition::kAromaticBond); break;
      case '~': out = test(Condition::kAny); break;
      case '@': out = test(Condition::kRingBond); break;
      default: return false;
    }
    ++at_;
    return true;
  }

  int number(int fallback) {
    if (!is_digit(peek())) return fallback;
    int value = 0;
    while (is_digit(peek())) value = value * 10 + (text_[at_++] - '0');
    return value;
  }

  bool counted(Condition& out, Condition::Kind kind, int fallback) {
    ++at_;
    out = test(kind, number(fallback));
    return true;
  }

  bool atom_test(Condition& out) {
    const char c = peek();
    // H is a count unless it stands alone; these rules write the atom as #1.
    switch (c) {
      case '$': return recursive(out);
      case '#': return counted(out, Condition::kElement, 0);
      case 'D': return counted(out, Condition::kDegree, 1);
      case 'H': return counted(out, Condition::kHydrogens, 1);
      case 'h': return counted(out, Condition::kImplicitHydrogens, -1);
      case 'X': return counted(out, Condition::kConnections, 1);
      case 'x': return counted(out, Condition::kRingConnections, -1);
      case 'v': return counted(out, Condition::kValence, 1);
      case 'r': return counted(out, Condition::kRingSize, -1);
      case 'R':
        ++at_;
        out = is_digit(peek()) ? test(Condition::kRings, number(0)) : test(Condition::kRing);
        return true;
      case '+': case '-': return charge(out);
      default: break;
    }
    if (is_digit(c)) {
      out = test(Condition::kIsotope, number(0));
      return true;
    }
    if (c == 'A' && (peek(1) < 'a' || peek(1) > 'z')) return bare(out);
    if (c == '*' || (c == 'a' && peek(1) != 's')) return bare(out);
    return symbol(out);
  }

  bool charge(Condition& out) {
    const char sign = text_[at_++];
    int size = 1;
    if (is_digit(peek())) size = number(1);
    else {
      for (; peek() == sign; ++at_) ++size;
    }
    out = test(Condition::kCharge, sign == '+' ? size : -size);
    return true;
  }

  bool recursive(Condition& out) {
    if (peek(1) != '(') return false;
    size_t end = at_ + 2;
    for (int depth = 1; end < text_.size(); ++end) {
      if (text_[end] == '(') ++depth;
      if (text_[end] == ')' && --depth == 0) break;
    }
    if (end >= text_.size()) return false;
    auto inner = Pattern::read(text_.substr(at_ + 2, end - at_ - 2), slots_);
    if (!inner) return false;
    out = test(Condition::kRecursive, static_cast<int>(pattern_.recursive_.size()));
    pattern_.recursive_.push_back(std::move(inner));
    pattern_.recursive_slots_.push_back(slots_++);
    at_ = end + 1;
    return true;
  }

  bool ring() {
    if (last_ < 0) return false;
    const int number = text_[at_++] - '0';
    const auto open = rings_.find(number);
    if (open == rings_.end()) {
      rings_[number] = {last_, has_bond_, bond_};
    } else {
      Condition condition = has_bond_ ? bond_ : open->second.has_bond ? open->second.bond : test(Condition::kPlainBond);
      pattern_.bonds_.push_back(std::move(condition));
      pattern_.bond_atoms_.push_back({open->second.atom, last_});
      pattern_.atoms_[last_].closures.push_back({open->second.atom, pattern_.bonds() - 1});
      rings_.erase(open);
    }
    has_bond_ = false;
    return true;
  }

  bool atom(Condition condition) {
    if (pattern_.atoms() >= Pattern::kMostPatternAtoms || (last_ < 0 && pattern_.atoms() > 0)) return false;
    PatternAtom made;
    made.condition = std::move(condition);
    if (last_ >= 0) {
      made.parent = last_;
      made.bond = pattern_.bonds();
      pattern_.bonds_.push_back(has_bond_ ? bond_ : test(Condition::kPlainBond));
      pattern_.bond_atoms_.push_back({last_, pattern_.atoms()});
    }
    has_bond_ = false;
    last_ = pattern_.atoms();
    pattern_.atoms_.push_back(std::move(made));
    return true;
  }

  struct OpenRing {
    int atom = -1;
    bool has_bond = false;
    Condition bond;
  };

  std::string_view text_;
  Pattern& pattern_;
  int& slots_;
  size_t at_ = 0;
  int last_ = -1;
  bool has_bond_ = false;
  Condition bond_;
  std::vector<int> branches_;
  std::map<int, OpenRing> rings_;
};

std::unique_ptr<Pattern> Pattern::read(std::string_view text, int& slots) {
  auto pattern = std::make_unique<Pattern>();
  return SmartsReader(text, *pattern, slots).read() ? std::move(pattern) : nullptr;
}

}  // namespace isolens::chem
