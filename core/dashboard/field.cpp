#include "core/dashboard/field.h"

#include <QRegularExpression>

#include <cmath>
#include <limits>

namespace trendscope::dashboard {
namespace {

using namespace Qt::StringLiterals;

constexpr double gap = std::numeric_limits<double>::quiet_NaN();

/// Label values are anybody's text: characters that control a terminal or turn the reading
/// direction are replaced.
QString printable(QString text)
{
    for (QChar &c : text) {
        const bool turns = (c >= u'\u202a' && c <= u'\u202e') || (c >= u'\u2066' && c <= u'\u2069')
            || c == u'\u200e' || c == u'\u200f';
        if (turns || c.category() == QChar::Other_Control)
            c = QChar::ReplacementCharacter;
    }
    return text;
}

QString labelText(const prom::Labels &labels)
{
    QStringList pairs;
    for (auto it = labels.begin(); it != labels.end(); ++it) {
        if (it.key() != "__name__"_L1)
            pairs << u"%1=\"%2\""_s.arg(it.key(), it.value());
    }
    return pairs.isEmpty() ? QString() : u'{' + pairs.join(u", "_s) + u'}';
}

QString displayName(const QString &configured, const QString &name, const prom::Labels &labels)
{
    static const QRegularExpression pattern(
        u"\\$\\{__(?:field\\.labels\\.(\\w+)|(series\\.name|field\\.name))\\}"_s);
    QString result;
    qsizetype from = 0;
    for (auto it = pattern.globalMatch(configured); it.hasNext();) {
        const auto match = it.next();
        result += QStringView(configured).sliced(from, match.capturedStart() - from);
        result += match.hasCaptured(1) ? labels.value(match.captured(1)) : name;
        from = match.capturedEnd();
    }
    return result + configured.sliced(from);
}

/// Copies the samples, with one NaN wherever at least one step is missing.
void fill(Field &field, prom::Series &&series, std::chrono::milliseconds step)
{
    field.times.reserve(series.times.size());
    field.values.reserve(series.values.size());
    for (std::size_t i = 0; i < series.times.size(); ++i) {
        if (i > 0 && step.count() > 0 && series.times[i] - series.times[i - 1] > step.count()) {
            field.times.push_back(series.times[i - 1] + step.count());
            field.values.push_back(gap);
        }
        field.times.push_back(series.times[i]);
        field.values.push_back(
            std::isfinite(series.values[i]) || step.count() == 0 ? series.values[i] : gap);
    }
}

/// The spacing of an answer's samples: the step that was asked for, or what a server makes of it
/// that stores coarser data (a proxy, a downsampling store). Two samples alone say nothing about
/// spacing.
std::chrono::milliseconds spacingOf(const prom::Answer &answer, std::chrono::milliseconds step)
{
    std::size_t intervals = 0;
    std::int64_t smallest = std::numeric_limits<std::int64_t>::max();
    for (const prom::Series &series : answer.series) {
        for (std::size_t i = 1; i < series.times.size(); ++i, ++intervals)
            smallest = std::min(smallest, series.times[i] - series.times[i - 1]);
    }
    constexpr std::size_t enough = 3;
    const bool isInstant = step.count() == 0;
    return isInstant || intervals < enough ? step
                                           : std::max(step, std::chrono::milliseconds(smallest));
}

ValueRange extremesOf(const std::vector<double> &values)
{
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (const double value : values) {
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
    return low <= high ? ValueRange{low, high} : ValueRange{};
}

} // namespace

QString legendName(const QString &format, const prom::Labels &labels, const QString &expr)
{
    if (format.isEmpty() || format == "__auto"_L1) {
        const QString text = labels.value(u"__name__"_s) + labelText(labels);
        return text.isEmpty() ? expr : text;
    }
    static const QRegularExpression pattern(u"\\{\\{\\s*(.+?)\\s*\\}\\}"_s);
    QString result;
    qsizetype from = 0;
    for (auto it = pattern.globalMatch(format); it.hasNext();) {
        const auto match = it.next();
        result +=
            format.sliced(from, match.capturedStart() - from) + labels.value(match.captured(1));
        from = match.capturedEnd();
    }
    result += QStringView(format).sliced(from);
    return result.isEmpty() ? legendName({}, labels, expr) : result;
}

std::vector<Field> fieldsOf(std::vector<QueryAnswer> answers, const FieldConfigSource &source)
{
    std::vector<Field> fields;
    for (QueryAnswer &answer : answers) {
        const auto spacing = spacingOf(answer.answer, answer.step);
        for (prom::Series &series : answer.answer.series) {
            Field field;
            field.refId = answer.refId;
            field.labels = series.labels;
            field.name = legendName(answer.legendFormat, field.labels, answer.expr);
            field.name = printable(field.name);
            field.config = source.configFor({field.name, field.refId});
            if (!field.config.displayName.isEmpty())
                field.name = displayName(field.config.displayName, field.name, field.labels);
            fill(field, std::move(series), spacing);
            field.range = extremesOf(field.values);
            fields.push_back(std::move(field));
        }
    }
    return fields;
}

} // namespace trendscope::dashboard
