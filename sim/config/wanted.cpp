#include "sim/config/wanted.h"

#include <algorithm>

namespace tideline::config {
namespace {

template <class T>
void add_once(std::vector<T>& list, const T& x) {
  if (std::ranges::find(list, x) == list.end()) list.push_back(x);
}

}  // namespace

void Asked::wants(const Form& form) {
  const bool choice = form.kind == Form::Kind::kChoice || form.kind == Form::Kind::kChoiceOrFile;
  const auto same = std::ranges::find(forms, form.kind, &Form::kind);
  if (!choice || same == forms.end()) return add_once(forms, form);
  for (const std::string& name : form.known) add_once(same->known, name);
}

void Asked::or_else(const std::string& absent) {
  add_once(defaults, absent);
}

void Asked::add(const Asked& other) {
  for (const Form& form : other.forms) wants(form);
  for (const std::string& absent : other.defaults) or_else(absent);
  may_be_null = may_be_null || other.may_be_null;
  kind_matters = kind_matters || other.kind_matters;
}

void Wanted::add(const Value& value) {
  if (value.element_of) asked.wants(*value.element_of);
  keys_are_names = keys_are_names || value.keys_are_names;
  for (const auto& [key, here] : value.asked) keys[key].asked.add(here);
  for (const Value& item : value.items) {
    if (value.kind == Kind::kObject) {
      if (value.asked.contains(item.key)) keys[item.key].add(item);
      continue;
    }
    if (!element) element = std::make_unique<Wanted>();
    element->add(item);
  }
}

}  // namespace tideline::config
