#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::logs {

using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// In ascending severity; Unknown is below all of them.
enum class Level : std::uint8_t { Unknown, Debug, Info, Warning, Error, Critical };

/// The upper-case word of a log record ("WARNING"); empty for Unknown.
std::string_view levelName(Level level);

/// Understands any case and the usual variants ("warn", "fatal", "notice"); nothing for any other
/// word.
std::optional<Level> levelNamed(std::string_view word);

/// ISO 8601 with `T` or a space, `.` or `,` before the fraction, `Z`, an offset, or neither (then
/// UTC).
std::optional<Timestamp> parseTimestamp(std::string_view text);

/// What a record says beyond its standard keys. Both views are valid as long as the record is
/// neither moved nor gone.
struct Field {
    std::string_view
        key; ///< dotted for nested objects; what is in `context` goes without that prefix
    std::string_view value; ///< strings unescaped, everything else as written in the JSON text
};

/// One log record: the line as it was read, and where its parts are.
///
/// All text is valid UTF-8. A line that is not a JSON object is a record whose message is the line.
/// Standard keys whose value makes no sense (a level nobody knows) stay among the fields, so
/// nothing of a line is lost.
class Record {
public:
    std::optional<Timestamp> time() const { return m_time; }
    Level level() const { return m_level; }
    std::string_view logger() const { return view(m_logger); }
    std::string_view message() const { return view(m_message); }
    std::string_view module() const { return view(m_module); }
    std::string_view function() const { return view(m_function); }
    std::optional<std::int64_t> line() const { return m_line; }

    std::size_t fieldCount() const { return m_fields.size(); }
    Field field(std::size_t index) const
    {
        return {view(m_fields[index].key), view(m_fields[index].value)};
    }
    /// The first field of that key; nothing when there is none.
    std::optional<std::string_view> value(std::string_view key) const;

    std::string_view raw() const { return view(m_raw); }
    /// The raw line and, after a newline each, the strings in it that were escaped: what a search
    /// for text looks through.
    std::string_view searchText() const { return m_text; }

    /// Which of the followed files it came from, counted from 0.
    std::uint16_t source() const { return m_source; }
    void setSource(std::uint16_t source) { m_source = source; }

    bool isMalformed() const { return m_malformed; } ///< not a JSON object
    bool isCut() const { return m_cut; }             ///< longer than the reader's limit

private:
    friend class RecordParser;
    friend class RecordBuilder;

    struct Slice {
        std::uint32_t offset = 0;
        std::uint32_t size = 0;
    };
    struct FieldSlice {
        Slice key, value;
    };

    std::string_view view(Slice slice) const
    {
        return std::string_view(m_text).substr(slice.offset, slice.size);
    }

    std::string m_text;
    std::vector<FieldSlice> m_fields;
    std::optional<Timestamp> m_time;
    std::optional<std::int64_t> m_line;
    Slice m_raw, m_logger, m_message, m_module, m_function;
    std::uint16_t m_source = 0;
    Level m_level = Level::Unknown;
    bool m_malformed = false;
    bool m_cut = false;
};

/// Turns lines into records. One thread; keep it between lines, as it reuses its buffers.
class RecordParser {
public:
    RecordParser();
    ~RecordParser();
    RecordParser(RecordParser &&) noexcept;
    RecordParser &operator=(RecordParser &&) noexcept;

    /// `line` without its newline, in any bytes, shorter than 4 GiB; `cut` says that its end is
    /// missing.
    Record parse(std::string_view line, bool cut = false);

private:
    class Private;
    std::unique_ptr<Private> m_private;
};

} // namespace trendscope::logs
