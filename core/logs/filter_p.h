#pragma once

#include "core/logs/filter.h"
#include "core/logs/match_p.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trendscope::logs {

enum class Operator { Text, Equal, NotEqual, Like, AtLeast, AtMost, Greater, Less };

bool isOrdering(Operator op);
std::optional<double> number(std::string_view text);

/// Where in a record a key's value is.
enum class Part { Field, Level, Logger, Message, Module, Function, Line };

/// One condition of a filter.
struct Filter::Term {
    bool isNegated = false;
    Operator op = Operator::Text;
    Part part = Part::Field;
    std::string key;
    std::string value; // folded for Text
    Glob glob;
    Level level = Level::Unknown; // what `value` names, where the key is level
    double limit = 0;             // what `value` says, for an ordering of numbers

    bool matches(const Record &record) const { return holdsFor(record) != isNegated; }

private:
    bool holdsFor(const Record &record) const;
    bool compareLevel(Level other) const;
    bool compareLine(std::int64_t line) const;
    bool compareText(std::string_view text) const;
    std::optional<std::string_view> textOf(const Record &record) const;
};

} // namespace trendscope::logs
