#include "core/demo/history.h"

#include "core/demo/child_process.h"
#include "core/demo/services.h"

#include <QFile>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <vector>

namespace trendscope::demo {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

constexpr std::size_t chunkBytes = 4 << 20;

// promtool reads its input again for each block, and on one core. So the history is cut into pieces
// that are read side by side, and a block may be so long that its piece rarely crosses a boundary
// between two.
constexpr int pieces = 2;

Error diskError(const QFile &file)
{
    return {Error::Kind::System,
            u"Writing %1 failed: %2"_s.arg(file.fileName(), file.errorString()).toStdString(),
            {}};
}

double secondsOf(Timestamp time)
{
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

Command promtool(const QString &input, const QString &output)
{
    return {u"promtool"_s,
            {u"tsdb"_s, u"create-blocks-from"_s, u"openmetrics"_s, u"--max-block-duration=1000h"_s,
             u"--quiet"_s, input, output},
            u"prometheus"_s,
            u"promtool, which makes the history,"_s};
}

Result<void> writePiece(HistoryWriter &writer, Timestamp end, QFile &file,
                        const std::stop_token &stop)
{
    if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly))
        return tl::unexpected(diskError(file));
    const auto write = [&](const std::string &text) {
        return file.write(text.data(), static_cast<qint64>(text.size()))
            == static_cast<qint64>(text.size());
    };
    const bool isWritten = writer.writeUntil(end, write, stop);
    if (stop.stop_requested())
        return tl::unexpected(Error{Error::Kind::Canceled, "The demo was ended.", {}});
    if (!isWritten || !write("# EOF\n"))
        return tl::unexpected(diskError(file)); // now: close() would forget it
    file.close();
    if (file.error() != QFile::NoError)
        return tl::unexpected(diskError(file));
    return {};
}

/// A piece of the text, and the promtool that reads it.
struct Piece {
    Piece(const QString &path, const QString &dataDirectory)
        : file(path)
        , promtool(demo::promtool(path, dataDirectory))
    {
    }
    ~Piece()
    {
        promtool.stop();
        file.remove();
    }

    QFile file;
    ChildProcess promtool;
};

} // namespace

HistoryWriter::HistoryWriter(Platform &platform, const HistorySettings &settings)
    : m_platform(platform)
    , m_recorded(static_cast<std::size_t>(5min / settings.scrapeInterval))
    , m_interval(settings.scrapeInterval)
    , m_next(settings.begin() + settings.scrapeInterval)
{
}

bool HistoryWriter::writeUntil(Timestamp end, const std::function<bool(const std::string &)> &write,
                               const std::stop_token &stop)
{
    std::string text;
    text.reserve(chunkBytes + chunkBytes / 8);
    for (; m_next <= end; m_next += m_interval) {
        if (stop.stop_requested())
            return false;
        m_platform.advanceTo(m_next);
        scrape(text);
        if (text.size() < chunkBytes)
            continue;
        if (!write(text))
            return false;
        text.clear();
    }
    return write(text);
}

void HistoryWriter::scrape(std::string &out)
{
    static const std::array<std::string, services.size()> ups = [] {
        std::array<std::string, services.size()> lines;
        std::transform(services.begin(), services.end(), lines.begin(),
                       [](const Service &service) { return "up{" + service.labels() + "} 1 "; });
        return lines;
    }();
    static const std::array labels{apiService.labels(), celeryService.labels(),
                                   postgresService.labels(), exporterService.labels()};

    const double timestamp = secondsOf(m_platform.time());
    const std::size_t begin = out.size();
    m_platform.api().appendSamples(out, labels[0], timestamp);
    m_platform.celery().appendSamples(out, labels[1], timestamp);
    m_recorded.read(std::string_view(out).substr(begin));
    m_platform.postgres().appendSamples(out, labels[2], timestamp);
    m_platform.host().appendSamples(out, labels[3], timestamp);
    m_recorded.append(out, timestamp);

    std::array<char, 32> text;
    const int length = std::snprintf(text.data(), text.size(), "%.3f\n", timestamp);
    for (const std::string &up : ups)
        out.append(up).append(text.data(), static_cast<std::size_t>(length));
}

Result<void> makeHistory(Platform &platform, const HistorySettings &settings,
                         const std::stop_token &stop)
{
    HistoryWriter writer(platform, settings);
    std::vector<std::unique_ptr<Piece>> running;
    for (int i = 1; i <= pieces; ++i) {
        const Timestamp end = settings.begin() + (settings.end - settings.begin()) * i / pieces;
        running.push_back(std::make_unique<Piece>(
            u"%1/history-%2.txt"_s.arg(settings.scratchDirectory).arg(i), settings.dataDirectory));
        Piece &piece = *running.back();
        if (auto written = writePiece(writer, end, piece.file, stop); !written)
            return written;
        if (auto started = piece.promtool.start(); !started)
            return started;
    }
    for (const auto &piece : running) {
        if (auto made = piece->promtool.waitUntilEnded(stop); !made)
            return made;
    }
    return {};
}

} // namespace trendscope::demo
