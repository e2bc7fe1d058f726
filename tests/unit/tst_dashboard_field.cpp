#include "core/dashboard/field.h"
#include "support/grafana_vectors.h"

#include <QRegularExpression>
#include <QTest>

#include <limits>

using namespace trendscope;
using namespace trendscope::dashboard;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

constexpr double null = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

QueryAnswer answerOf(std::vector<prom::Series> series, std::chrono::milliseconds step = 10s)
{
    QueryAnswer answer;
    answer.refId = u"A"_s;
    answer.expr = u"sum(up)"_s;
    answer.step = step;
    answer.answer.series = std::move(series);
    return answer;
}

std::vector<Field> fieldsOf(QueryAnswer answer, const FieldConfigSource &source = {})
{
    std::vector<QueryAnswer> answers;
    answers.push_back(std::move(answer));
    return dashboard::fieldsOf(std::move(answers), source);
}

QJsonObject defaultsWith(const QString &key, const QJsonValue &value)
{
    return {{key, value}};
}

} // namespace

class TestDashboardField : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void namesASeries_data();
    void namesASeries();
    void letsTheConfiguredNameWin();
    void marksMissingStepsWithOneGap();
    void makesGapsOfWhatIsNotFinite();
    void keepsAnInstantAnswerAsItIs();
    void knowsTheExtremesOfTheNumbers();
    void configuresEverySeriesInQueryOrder();
    void namesWhatGrafanaNames();
};

void TestDashboardField::namesASeries_data()
{
    QTest::addColumn<QString>("format");
    QTest::addColumn<QString>("name");

    const auto row = [](const char *format, const QString &name) {
        QTest::addRow("'%s'", format) << QString::fromUtf8(format) << name;
    };
    row("", u"up{instance=\"a:1\", job=\"api\"}"_s);
    row("__auto", u"up{instance=\"a:1\", job=\"api\"}"_s);
    row("{{job}}", u"api"_s);
    row("{{ job }} on {{instance}}", u"api on a:1"_s);
    row("p95", u"p95"_s);
    row("{{missing}} {{job}}", u" api"_s);
    row("{{missing}}", u"up{instance=\"a:1\", job=\"api\"}"_s);
    row("{{job", u"{{job"_s);
    row("{{job}} é 漢字 <b>", u"api é 漢字 <b>"_s);
}

void TestDashboardField::namesASeries()
{
    QFETCH(QString, format);
    const prom::Labels labels{
        {u"__name__"_s, u"up"_s}, {u"instance"_s, u"a:1"_s}, {u"job"_s, u"api"_s}};

    QTEST(legendName(format, labels, u"sum(up)"_s), "name");
    QCOMPARE(legendName({}, {}, u"sum(up)"_s), u"sum(up)"_s);
}

void TestDashboardField::letsTheConfiguredNameWin()
{
    QueryAnswer answer = answerOf({{{{u"job"_s, u"api"_s}}, {0}, {1}}});
    answer.legendFormat = u"legend"_s;
    const auto named = [&](const QString &name) {
        return fieldsOf(answer, {defaultsWith(u"displayName"_s, name), {}}).front().name;
    };

    QCOMPARE(named(u"plain"_s), u"plain"_s);
    QCOMPARE(named(u"of ${__field.labels.job}"_s), u"of api"_s);
    QCOMPARE(named(u"${__series.name}/${__field.name}"_s), u"legend/legend"_s);
    QCOMPARE(named(u"${__field.labels.none}!"_s), u"!"_s);
    QCOMPARE(named({}), u"legend"_s);
}

void TestDashboardField::marksMissingStepsWithOneGap()
{
    const auto fields = fieldsOf(answerOf({{{}, {0, 10'000, 50'000, 60'000}, {1, 2, 3, 4}}}));

    QCOMPARE(fields.front().times, (std::vector<std::int64_t>{0, 10'000, 20'000, 50'000, 60'000}));
    QCOMPARE(fields.front().values.size(), 5u);
    QVERIFY(std::isnan(fields.front().values[2]));
    QCOMPARE(fields.front().values[3], 3.0);
}

void TestDashboardField::makesGapsOfWhatIsNotFinite()
{
    const auto fields =
        fieldsOf(answerOf({{{}, {0, 10'000, 20'000, 30'000}, {1, infinity, -infinity, null}}}));

    QCOMPARE(fields.front().times.size(), 4u);
    for (std::size_t i = 1; i < 4; ++i)
        QVERIFY(std::isnan(fields.front().values[i]));
}

void TestDashboardField::keepsAnInstantAnswerAsItIs()
{
    const auto fields = fieldsOf(answerOf({{{}, {5'000}, {infinity}}}, 0ms));

    QCOMPARE(fields.front().values, std::vector<double>{infinity});
}

void TestDashboardField::knowsTheExtremesOfTheNumbers()
{
    const auto fields = fieldsOf(
        answerOf({{{}, {0, 10'000, 20'000}, {-3, null, 8}}, {{}, {0}, {null}}, {{}, {}, {}}}));

    QCOMPARE(fields.size(), 3u);
    QCOMPARE(fields[0].range.min, -3.0);
    QCOMPARE(fields[0].range.max, 8.0);
    QCOMPARE(fields[1].range.max, ValueRange().max);
    QVERIFY(fields[2].values.empty());
}

void TestDashboardField::configuresEverySeriesInQueryOrder()
{
    QueryAnswer first =
        answerOf({{{{u"job"_s, u"a"_s}}, {0}, {1}}, {{{u"job"_s, u"b"_s}}, {0}, {2}}});
    QueryAnswer second = answerOf({{{{u"job"_s, u"c"_s}}, {0}, {3}}});
    first.legendFormat = second.legendFormat = u"{{job}}"_s;
    second.refId = u"B"_s;
    const QJsonObject override{
        {u"matcher"_s, QJsonObject{{u"id"_s, u"byName"_s}, {u"options"_s, u"b"_s}}},
        {u"properties"_s, QJsonArray{QJsonObject{{u"id"_s, u"unit"_s}, {u"value"_s, u"bytes"_s}}}}};

    const auto fields =
        dashboard::fieldsOf({first, second}, {defaultsWith(u"unit"_s, u"short"_s), {override}});

    QCOMPARE(fields.size(), 3u);
    QCOMPARE(fields[0].name + fields[1].name + fields[2].name, u"abc"_s);
    QCOMPARE(fields[1].config.unit, u"bytes"_s);
    QCOMPARE(fields[2].config.unit, u"short"_s);
    QCOMPARE(fields[2].refId, u"B"_s);
    QCOMPARE(fields[2].labels.value(u"job"_s), u"c"_s);
}

void TestDashboardField::namesWhatGrafanaNames()
{
    NEEDS_GRAFANA_VECTORS();
    const QJsonArray cases = test::vectorCases(u"legends.json"_s);
    QVERIFY(!cases.isEmpty());

    // Grafana's browser code writes a label's name where the label is absent or empty; its server
    // writes nothing, and falls back to the labels where nothing is left. We do as the server does,
    // and compare the rest.
    static const QRegularExpression pattern(u"\\{\\{\\s*(.*?)\\s*\\}\\}"_s);
    int compared = 0;
    for (const QJsonValue entry : cases) {
        const QString format = entry["format"_L1].toString();
        const QJsonObject given = entry["labels"_L1].toObject();
        prom::Labels labels;
        for (auto it = given.begin(); it != given.end(); ++it)
            labels.insert(it.key(), it->toString());
        bool isComparable = !entry["text"_L1].toString().isEmpty();
        for (auto it = pattern.globalMatch(format); it.hasNext();)
            isComparable &= !labels.value(it.next().captured(1)).isEmpty();
        if (!isComparable)
            continue;
        ++compared;
        QCOMPARE(legendName(format, labels, u"expr"_s), entry["text"_L1].toString());
    }
    qInfo("%d of %lld names compared", compared, qlonglong(cases.size()));
    QVERIFY(compared > 30);
}

QTEST_GUILESS_MAIN(TestDashboardField)

#include "tst_dashboard_field.moc"
