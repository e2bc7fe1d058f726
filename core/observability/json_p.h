#pragma once

#include "core/observability/redaction.h"
#include "core/observability/value.h"

#include <string>
#include <string_view>

/// Pieces of a JSON text, appended to `out`; valid for any bytes.
namespace trendscope::observability::json {

/// A string with its quotes.
void appendString(std::string &out, std::string_view text);
/// A string with its quotes, without the secrets in it.
void appendText(std::string &out, std::string_view text, const Redactor &redactor);
/// A number that is not finite becomes a string: JSON has no such numbers.
void appendValue(std::string &out, const Value &value, const Redactor &redactor);
/// `"key":value`, the value hidden when the key is a secret's.
void appendField(std::string &out, const Field &field, const Redactor &redactor);

} // namespace trendscope::observability::json
