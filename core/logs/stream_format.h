#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

/// How log lines of several files travel in one stream: one JSON object a line (application/
/// x-ndjson).
///
/// Lines that are JSON objects go as they are. All else is an object with the one key
/// `trendscope_stream`; a line of a log that has that key, too, goes as one that is no object, so
/// no log can forge what the stream says. Its value is one of
/// - {"version":1}: the stream begins;
/// - {"file":"/var/log/a.json"}: where the lines after it come from;
/// - {"line":"text"}, {"base64":"…"}: a line that is no JSON object; base64 where it is no UTF-8;
/// - {"tail":120,"is_cut":true}: the lines before it were there already; is_cut: there was more,
///   but no room for it;
/// - {"time":"2024-01-15T10:30:45Z"}: a heartbeat, the sender's clock;
/// - {"dropped":3}: lines that are missing here because the receiver was too slow;
/// - {"too_long":1}: lines that are missing here because they are longer than the sender's limit;
/// - {"problem":"cannot read …"}: what the sender can not read; empty: nothing any more.
namespace trendscope::logs::stream {

inline constexpr std::string_view contentType = "application/x-ndjson";
inline constexpr std::string_view key = "trendscope_stream";
inline constexpr std::string_view prefix = "{\"trendscope_stream\":{";

// Lines of the stream, each with its newline.
std::string begin();
std::string file(std::string_view path);
std::string tail(std::size_t records, bool isCut);
std::string heartbeat(std::chrono::system_clock::time_point now);
std::string dropped(std::size_t records);
std::string tooLong(std::size_t records);
std::string problem(std::string_view text);

/// Makes lines of logs lines of the stream. One thread; keep it, as it reuses its buffers.
class Encoder {
public:
    Encoder();
    ~Encoder();

    /// `line` without its newline, in any bytes. With a newline; valid until the next call.
    std::string_view encode(std::string_view line);

private:
    struct Private;
    const std::unique_ptr<Private> d;
};

} // namespace trendscope::logs::stream
