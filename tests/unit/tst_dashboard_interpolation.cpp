#include "core/dashboard/interpolation.h"

#include <QTest>

using namespace trendscope::dashboard;
using namespace Qt::StringLiterals;

namespace {

Variable variable(const QString &name, const QStringList &values, bool isMulti = false)
{
    Variable variable;
    variable.name = name;
    variable.values = values;
    variable.isMulti = isMulti;
    return variable;
}

Scope scope()
{
    Scope scope;
    scope.variables = {variable(u"job"_s, {u"api"_s}),
                       variable(u"path"_s, {u"C:\\a'b"_s}),
                       variable(u"host"_s, {u"web-1:9090"_s, u"a.b"_s}, true),
                       variable(u"one"_s, {u"a.b"_s}, true),
                       variable(u"all"_s, {u"$__all"_s}, true),
                       variable(u"some"_s, {u"$__all"_s}, true),
                       variable(u"none"_s, {u"$__all"_s}, true)};
    scope.variables[4].allValue = u".+"_s;
    scope.variables[5].options = {u"x"_s, u"y|z"_s};
    scope.builtIns = {{u"__rate_interval"_s, u"1m0s"_s}, {u"__interval"_s, u"15s"_s}};
    return scope;
}

} // namespace

class TestDashboardInterpolation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fillsInPromQL_data();
    void fillsInPromQL();
    void fillsInText_data();
    void fillsInText();
    void takesAValueAsItIsWhateverItHolds();
};

void TestDashboardInterpolation::fillsInPromQL_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("result");

    const auto row = [](const char *text, const char *result) {
        QTest::newRow(text) << QString::fromLatin1(text) << QString::fromLatin1(result);
    };
    row("up", "up");
    row("", "");
    row("up{job=\"$job\"}", "up{job=\"api\"}");
    row("up{job=\"${job}\"}", "up{job=\"api\"}");
    row("up{job=\"[[job]]\"}", "up{job=\"api\"}");
    row("$jobs", "$jobs");
    row("${jobs} [[jobs]] $ $5 ${ ${}", "${jobs} [[jobs]] $ $5 ${ ${}");
    row("rate(x[$__rate_interval])", "rate(x[1m0s])");
    row("rate(x[${__interval}])", "rate(x[15s])");
    row("{p='$path'}", "{p='C:\\\\a\\'b'}");
    row("{h=~\"$host\"}", "{h=~\"(web-1:9090|a\\\\.b)\"}");
    row("{h=~\"$one\"}", "{h=~\"a\\\\.b\"}");
    row("{h=~\"${host:pipe}\"}", "{h=~\"web-1:9090|a.b\"}");
    row("{h=~\"${host:regex}\"}", "{h=~\"(web-1:9090|a\\\\.b)\"}");
    row("${host:csv}", "web-1:9090,a.b");
    row("${one:raw}", "a.b");
    row("[[one:raw]]", "a.b");
    row("${one:nosuchformat}", "a\\\\.b");
    row("{h=~\"$all\"}", "{h=~\".+\"}");
    row("{h=~\"$some\"}", "{h=~\"(x|y\\\\|z)\"}");
    row("{h=~\"$none\"}", "{h=~\".*\"}");
}

void TestDashboardInterpolation::fillsInPromQL()
{
    QFETCH(QString, text);

    QTEST(interpolate(text, scope(), Syntax::PromQL), "result");
}

void TestDashboardInterpolation::fillsInText_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("result");

    QTest::newRow("one value") << u"Requests of $job"_s << u"Requests of api"_s;
    QTest::newRow("several values") << u"$host"_s << u"web-1:9090 + a.b"_s;
    QTest::newRow("all") << u"$all and ${some}"_s << u"All and All"_s;
    QTest::newRow("unknown") << u"Costs $5, $unknown"_s << u"Costs $5, $unknown"_s;
    QTest::newRow("not escaped") << u"$path"_s << u"C:\\a'b"_s;
}

void TestDashboardInterpolation::fillsInText()
{
    QFETCH(QString, text);

    QTEST(interpolate(text, scope(), Syntax::Text), "result");
}

void TestDashboardInterpolation::takesAValueAsItIsWhateverItHolds()
{
    Scope hostile;
    hostile.variables = {variable(u"a"_s, {u"$b ${b} <b>&amp;"_s}), variable(u"b"_s, {u"never"_s})};

    QCOMPARE(interpolate(u"$a"_s, hostile, Syntax::Text), u"$b ${b} <b>&amp;"_s);
    QCOMPARE(interpolate(u"$a"_s, hostile, Syntax::PromQL), u"$b ${b} <b>&amp;"_s);
}

QTEST_GUILESS_MAIN(TestDashboardInterpolation)

#include "tst_dashboard_interpolation.moc"
