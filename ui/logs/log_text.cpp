#include "ui/logs/log_text.h"

namespace trendscope::ui {
namespace {

/// Explicit direction marks, embeddings, overrides and isolates (Unicode bidirectional
/// algorithm, 2.).
bool turnsDirection(QChar c)
{
    const char16_t code = c.unicode();
    return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E)
        || (code >= 0x2066 && code <= 0x2069);
}

bool breaksLine(QChar c)
{
    const char16_t code = c.unicode();
    return code == '\n' || code == 0x2028 || code == 0x2029;
}

QString visible(std::string_view text, qsizetype limit, bool keepsLines)
{
    // Four bytes are one character at most: no need to convert a megabyte to show its beginning.
    const auto bytes = std::min(static_cast<qsizetype>(text.size()), limit * 4);
    QString shown = QString::fromUtf8(text.data(), bytes);
    const bool isCut = bytes < static_cast<qsizetype>(text.size()) || shown.size() > limit;
    shown.truncate(limit);
    for (QChar &c : shown) {
        if (breaksLine(c))
            c = keepsLines ? QChar(u'\n') : QChar(u'↵');
        else if (c == u'\t')
            c = keepsLines ? c : QChar(u' ');
        else if (c.category() == QChar::Other_Control || turnsDirection(c))
            c = u'·';
    }
    if (isCut)
        shown += u'…';
    return shown;
}

} // namespace

QString oneLine(std::string_view text, qsizetype limit)
{
    return visible(text, limit, false);
}

QString severalLines(std::string_view text, qsizetype limit)
{
    return visible(text, limit, true);
}

} // namespace trendscope::ui
