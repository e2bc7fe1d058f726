#include "core/net/json.h"

#include <QDateTime>

namespace trendscope::net {

using namespace Qt::StringLiterals;
namespace ondemand = simdjson::ondemand;

namespace {

Error badAnswer(const char *message, const QByteArray &body, qsizetype size)
{
    constexpr qsizetype detailLimit = 512;
    return {Error::Kind::BadResponse, message,
            body.left(std::min(size, detailLimit)).toStdString()};
}

} // namespace

Result<void> readJson(QByteArray body, const std::function<void(ondemand::document &)> &read)
{
    // simdjson reads in blocks, past the end of the text.
    const qsizetype size = body.size();
    body.append(static_cast<qsizetype>(simdjson::SIMDJSON_PADDING), '\0');
    try {
        ondemand::parser parser;
        ondemand::document document = parser.iterate(body.constData(), static_cast<size_t>(size),
                                                     static_cast<size_t>(body.size()));
        read(document);
        const char *rest = nullptr;
        if (document.current_location().get(rest) != simdjson::OUT_OF_BOUNDS)
            return tl::unexpected(badAnswer("the answer goes on after its end", body, size));
    } catch (const simdjson::simdjson_error &error) {
        const bool otherShape = error.error() == simdjson::INCORRECT_TYPE;
        return tl::unexpected(badAnswer(otherShape ? "the answer is not what the API promises"
                                                   : "the answer is not valid JSON or is cut short",
                                        body, size));
    } catch (const JsonMismatch &mismatch) {
        return tl::unexpected(badAnswer(mismatch.what, body, size));
    }
    return {};
}

QString toText(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

QString textOf(ondemand::value value)
{
    if (value.is_null())
        return {};
    return toText(value.get_string());
}

QMap<QString, QString> textMapOf(ondemand::value value)
{
    QMap<QString, QString> map;
    if (value.is_null())
        return map;
    for (ondemand::field field : value.get_object()) {
        const QString key = toText(field.unescaped_key());
        map.insert(key, textOf(field.value()));
    }
    return map;
}

QStringList textListOf(ondemand::value value)
{
    QStringList list;
    if (value.is_null())
        return list;
    for (ondemand::value item : value.get_array())
        list.append(textOf(item));
    return list;
}

std::chrono::sys_time<std::chrono::milliseconds> timeOf(const QString &text)
{
    const QDateTime time = QDateTime::fromString(text, Qt::ISODateWithMs);
    const qint64 millis = time.isValid() ? time.toMSecsSinceEpoch() : 0;
    return std::chrono::sys_time<std::chrono::milliseconds>(
        std::chrono::milliseconds(std::max(millis, qint64{0})));
}

} // namespace trendscope::net
