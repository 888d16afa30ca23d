// What is known of elements.
#pragma once
#include <cstddef>
#include <string_view>

namespace isolens::chem {

constexpr int kElements = 119;

struct Element {
  int number = 0;  // 0: not known here
  bool is_aromatic = false;
  size_t length = 0;
};

// The symbol that the text begins with, in capitals or, for an aromatic atom, not.
Element element_at(std::string_view text);

std::string_view symbol_of(int element);

// Average mass, as RDKit's table has it.
double mass_of(int element);

// Electrons of the outer shell of a main-group element; -1 for others.
int outer_electrons(int element);

}  // namespace isolens::chem
