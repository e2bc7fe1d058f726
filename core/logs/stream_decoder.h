#pragma once

#include "core/logs/record.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace trendscope::logs::stream {

/// What a stream says, see stream_format.h, in its order.
class Receiver {
public:
    enum class Missing { Dropped, TooLong, Unreadable };

    virtual ~Receiver() = default;

    virtual void takeVersion(std::size_t version) = 0;
    /// As it is in the file, without its newline. `file` is any text.
    virtual void takeLine(const std::string &file, std::string_view line) = 0;
    virtual void takeTailEnd(std::size_t records, bool isCut) = 0;
    virtual void takeTime(Timestamp time) = 0;
    virtual void takeMissing(const std::string &file, Missing reason, std::size_t records) = 0;
    virtual void takeProblem(const std::string &problem) = 0; ///< empty: there is none any more
};

/// Decodes a stream piece by piece. One thread. Whoever sends it is not trusted: what makes no
/// sense is Missing::Unreadable, what is not known is left out.
class Decoder {
public:
    static constexpr std::size_t longestLine = std::size_t{16} << 20;

    Decoder();
    ~Decoder();

    void decode(std::string_view bytes, Receiver &receiver);
    void reset(); ///< another stream begins

private:
    struct Private;
    const std::unique_ptr<Private> d;
};

} // namespace trendscope::logs::stream
