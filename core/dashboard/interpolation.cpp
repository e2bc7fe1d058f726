#include "core/dashboard/interpolation.h"

#include <QRegularExpression>

#include <algorithm>

namespace trendscope::dashboard {
namespace {

using namespace Qt::StringLiterals;

/// Escapes for a regular expression that stands inside a PromQL string, where each backslash is
/// written twice.
QString regexEscaped(const QString &value)
{
    QString escaped;
    for (const QChar c : value) {
        if (c == u'\\')
            escaped += u"\\\\\\\\"_s;
        else if (u"$^*{}[]+?.()|"_s.contains(c))
            escaped += u"\\\\"_s + c;
        else
            escaped += c;
    }
    return escaped;
}

QString alternatives(const QStringList &values)
{
    QStringList escaped;
    std::ranges::transform(values, std::back_inserter(escaped), regexEscaped);
    return escaped.size() == 1 ? escaped.first() : u'(' + escaped.join(u'|') + u')';
}

QString promqlOf(const Variable &variable, const QStringList &values)
{
    if (variable.isMulti)
        return alternatives(values);
    QString value = values.value(0);
    return value.replace(u'\\', u"\\\\"_s).replace(u'\'', u"\\'"_s);
}

QString valueOf(const Variable &variable, const QString &format, Syntax syntax)
{
    const bool isAll = variable.values.contains(u"$__all"_s);
    if (isAll && syntax == Syntax::Text)
        return u"All"_s;
    if (isAll && !variable.allValue.isEmpty())
        return variable.allValue;
    QStringList values = isAll ? variable.options : variable.values;
    if (isAll && values.isEmpty())
        return u".*"_s;
    if (format == "raw"_L1 || format == "csv"_L1)
        return values.join(u',');
    if (format == "pipe"_L1)
        return values.join(u'|');
    if (format == "regex"_L1)
        return alternatives(values);
    return syntax == Syntax::PromQL ? promqlOf(variable, values) : values.join(u" + "_s);
}

/// `$name`, `[[name:format]]`, `${name.path:format}`.
const QRegularExpression &referencePattern()
{
    static const QRegularExpression pattern(
        u"\\$(\\w+)|\\[\\[(\\w+)(?::(\\w+))?\\]\\]|\\$\\{(\\w+)(?:\\.[^:^}]+)?(?::([^}]+))?\\}"_s);
    return pattern;
}

} // namespace

QString interpolate(const QString &text, const Scope &scope, Syntax syntax)
{
    if (!text.contains(u'$') && !text.contains("[["_L1))
        return text;
    QString result;
    qsizetype from = 0;
    for (auto it = referencePattern().globalMatch(text); it.hasNext();) {
        const auto match = it.next();
        result += QStringView(text).sliced(from, match.capturedStart() - from);
        from = match.capturedEnd();
        const QString name = match.captured(1) + match.captured(2) + match.captured(4);
        const QString format = match.captured(3) + match.captured(5);
        const auto variable = std::ranges::find(scope.variables, name, &Variable::name);
        if (variable != scope.variables.end())
            result += valueOf(*variable, format, syntax);
        else
            result += scope.builtIns.value(name, match.captured());
    }
    return result + text.sliced(from);
}

QStringList variablesWithoutValue(const QString &text, const Scope &scope)
{
    QStringList names;
    for (auto it = referencePattern().globalMatch(text); it.hasNext();) {
        const auto match = it.next();
        const QString name = match.captured(1) + match.captured(2) + match.captured(4);
        const auto variable = std::ranges::find(scope.variables, name, &Variable::name);
        if (variable != scope.variables.end() && variable->values.isEmpty()
            && !names.contains(name))
            names << name;
    }
    return names;
}

} // namespace trendscope::dashboard
