#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::exporter {

/// Finds chosen fields of JSON lines in one pass over each line. One thread.
///
/// A field that is null counts as not there; of a key that comes twice the last one counts. What no
/// one asked for is only checked for its structure.
class LogFields {
public:
    enum class Fault { None, NotJson, InvalidUtf8 };
    using Slot = std::uint16_t;
    using Ref = std::vector<Slot>; ///< the first that the line has is meant

    LogFields();
    ~LogFields();
    LogFields(const LogFields &) = delete;
    LogFields &operator=(const LogFields &) = delete;

    /// How many bytes must be readable after a line; what they are does not matter.
    static std::size_t padding();

    /// Chooses the fields of these names (as config::LogField says). Not between read() and what
    /// asks for its results.
    Ref add(const std::vector<std::string> &names);

    /// `line` is without its newline. After a fault no field is there.
    Fault read(std::string_view line);

    /// A number that only the latest line has.
    std::uint64_t line() const { return m_line; }

    /// What was found for a slot; views are valid until the next line.
    struct Field {
        std::string_view raw;   ///< JSON text
        std::uint64_t line = 0; ///< which line it was found in
        // Of raw, for the line that is beside each; see hashOf() and textOf().
        mutable std::uint64_t hashLine = 0;
        mutable std::uint64_t textLine = 0;
        mutable std::size_t hash = 0;
        mutable std::string_view text;
        mutable std::string unescaped;
    };

    /// Null when the latest line does not have it.
    const Field *find(const Ref &field) const
    {
        for (const Slot slot : field) {
            if (m_found[slot].line == m_line)
                return &m_found[slot];
        }
        return nullptr;
    }
    /// A hash of its JSON text; computed once a line.
    std::size_t hashOf(const Field &field) const;
    /// A string's content, or what else is written there; null for objects and arrays.
    const std::string_view *textOf(const Field &field) const;

private:
    struct Node;
    struct Parser;
    Slot slotOf(const std::vector<std::string> &path);

    std::unique_ptr<Parser> m_parser;
    std::unique_ptr<Node> m_root;
    std::vector<Field> m_found; ///< one for each slot
    std::uint64_t m_line = 0;
};

} // namespace trendscope::exporter
