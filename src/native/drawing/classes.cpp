#include "classes.h"

#include <unordered_map>

#include "abbreviations.h"
#include "elements.h"

namespace isolens {
namespace drawing {
namespace {

// Elements that drawings hold; any other is read as one that is not known.
constexpr int kElements[] = {6, 7, 8, 16, 9, 17, 35, 53, 15, 5, 14, 1, 0, 34, 11, 19, 3, 12, 20, 13, 33, 50, 52, 32, 26, 29, 30, 47, 78, 80, 83, 64};

struct Classes {
  std::vector<DrawingClass> all;
  int of_element[256];
  int deuterium = 0;
  std::unordered_map<std::string, int> of_label;

  Classes() {
    for (const int element : kElements) all.push_back({element == 0 ? "R" : element_symbol(element), element, 0, ""});
    for (int& place : of_element) place = -1;
    for (size_t i = 0; i < all.size(); i++) of_element[all[i].element] = static_cast<int>(i);
    deuterium = add({"D", 1, 2, ""}, {});
    for (const GroupTexts& group : abbreviated_groups()) add({group.labels[0], attachment_element(group.pattern), 0, std::string("*") + group.pattern}, group.labels);
    add({"ONa", 8, 0, "*O[Na]"}, {"ONa"});
    add({"OK", 8, 0, "*O[K]"}, {"OK"});
    for (const char* label : kAttachmentLabels) of_label.emplace(label, of_element[0]);
  }

  int add(DrawingClass one, const std::vector<const char*>& labels) {
    const int place = static_cast<int>(all.size());
    all.push_back(std::move(one));
    for (const char* label : labels) of_label.emplace(label, place);
    return place;
  }

  // Of the first atom of a pattern: an element of one or two letters, perhaps in brackets or aromatic.
  static int attachment_element(const char* pattern) {
    const std::string text = pattern[0] == '[' ? pattern + 1 : pattern;
    if (text.rfind("Si", 0) == 0) return 14;
    switch (text[0]) {
      case 'N': return 7;
      case 'O': return 8;
      case 'S': return 16;
      case 'P': return 15;
      case 'B': return 5;
      default: return 6;
    }
  }
};

const Classes& classes() {
  static const Classes known;
  return known;
}

}  // namespace

int class_of(const SketchAtom& atom) {
  const Classes& known = classes();
  if (atom.label != nullptr) {
    const auto found = known.of_label.find(atom.label);
    return found != known.of_label.end() ? found->second : known.of_element[0];
  }
  if (atom.element == 1 && atom.isotope == 2) return known.deuterium;
  const int place = known.of_element[atom.element];
  return place >= 0 ? place : known.of_element[0];
}

}  // namespace drawing

const std::vector<DrawingClass>& drawing_classes() { return drawing::classes().all; }

}  // namespace isolens
