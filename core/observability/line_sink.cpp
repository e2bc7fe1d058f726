#include "core/observability/line_sink_p.h"
#include "core/observability/record_p.h"

#include <array>

namespace trendscope::observability {

namespace {

constexpr std::size_t keptCapacity = 64UL << 10;

/// One for the record and one for its line.
struct Scratch {
    std::array<std::string, 2> texts;
    std::size_t used = 0;

    ~Scratch();
};

/// Apart from it, because it must still be there when the thread's other objects end and log that.
constinit thread_local bool s_isScratchGone = false;

Scratch::~Scratch()
{
    s_isScratchGone = true;
}

thread_local Scratch s_scratch;

} // namespace

ScratchText::ScratchText()
{
    if (s_isScratchGone || s_scratch.used == s_scratch.texts.size())
        return;
    m_text = &s_scratch.texts[s_scratch.used++];
    m_text->clear();
}

ScratchText::~ScratchText()
{
    if (m_text == &m_own)
        return;
    if (m_text->capacity() > keptCapacity)
        *m_text = std::string();
    --s_scratch.used;
}

LineSink::LineSink(LogFileSettings settings, bool json)
    : m_file(std::move(settings))
    , m_isJson(json)
{
}

void LineSink::log(const spdlog::details::log_msg &record)
{
    // Also when writing it throws: whoever waits for the record must not wait forever.
    struct Count {
        std::atomic<std::uint64_t> &written;
        ~Count() { written.fetch_add(1, std::memory_order_release); }
    } const count{m_written};
    ScratchText scratch;
    std::string &line = scratch.text();
    if (m_isJson)
        record::appendJsonTime(line, record.time);
    else
        record::appendReadableTime(line, record.time);
    line.append(record.payload.data(), record.payload.size());
    m_file.write(line, record.level >= spdlog::level::err);
}

} // namespace trendscope::observability
