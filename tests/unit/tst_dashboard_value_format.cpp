#include "core/dashboard/value_format.h"
#include "support/grafana_vectors.h"

#include <QTest>

#include <limits>

using namespace trendscope;
using namespace trendscope::dashboard;
using namespace Qt::StringLiterals;

namespace {

using Decimals = std::optional<int>;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// An id that is not known is written behind the number, so a known one gives something else.
bool isKnown(const QString &unit)
{
    return unit == "none"_L1 || unit.startsWith("prefix:"_L1) || unit.startsWith("suffix:"_L1)
        || unit == "xyz unknown"_L1
        || (formatValue(3600, unit).full() != u"3600 "_s + unit && !unit.startsWith("si:"_L1));
}

} // namespace

class TestDashboardValueFormat : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void writesAValueInItsUnit_data();
    void writesAValueInItsUnit();
    void keepsTheUnitApartFromTheNumber();
    void writesWhatIsNoNumber();
    void countsBinaryUnitsInPowersOfTwo();
    void writesWhatGrafanaWrites();
};

void TestDashboardValueFormat::writesAValueInItsUnit_data()
{
    QTest::addColumn<QString>("unit");
    QTest::addColumn<double>("value");
    QTest::addColumn<Decimals>("decimals");
    QTest::addColumn<QString>("text");

    const auto row = [](const char *unit, double value, const QString &text,
                        Decimals decimals = {}) {
        QTest::addRow("%s %g", unit, value) << QString::fromUtf8(unit) << value << decimals << text;
    };
    row("", 0.5, u"0.500"_s);
    row("none", 1234.5, u"1235"_s);
    row("none", -0.04, u"0"_s, 0);
    row("none", -96336.4323345, u"-96336"_s);
    row("short", 1234567.89, u"1.23 Mil"_s);
    row("short", 999.9, u"1000"_s);
    row("percent", 12.345, u"12.3%"_s);
    row("percentunit", 0.123456, u"12.3%"_s);
    row("percentunit", 0.5, u"50.00%"_s, 2);
    row("bytes", 1536, u"1.50 KiB"_s);
    row("bytes", 1023, u"1023 B"_s);
    row("mbytes", 2048, u"2 GiB"_s);
    row("decbytes", 1500, u"1.50 kB"_s);
    row("Bps", 1234567.89, u"1.23 MB/s"_s);
    row("hertz", 0.002, u"2 mHz"_s);
    row("reqps", 0.5, u"0.500 req/s"_s);
    row("ops", 1234567, u"1.23M ops/s"_s);
    row("s", 0.0001, u"100 µs"_s);
    row("s", 0, u"0 s"_s);
    row("s", 90061, u"1.04 days"_s);
    row("s", 31536000, u"0.999 year"_s);
    row("ms", 1500, u"1.50 s"_s);
    row("m", 90, u"1.50 hours"_s);
    row("currencyUSD", -1234567, u"-$1.23M"_s);
    row("locale", 1234567, u"1,234,567"_s);
    row("bool", 0, u"False"_s);
    row("bool_on_off", 3, u"On"_s);
    row("prefix:~", 5, u"~5"_s);
    row("suffix:items", 5, u"5 items"_s);
    row("count:jobs", 1500, u"1.50K jobs"_s);
    row("currency:CHF", 20, u"CHF20"_s);
    row("req/min", 3, u"3 req/min"_s);
    row("<b>x</b>", 3, u"3 <b>x</b>"_s);
}

void TestDashboardValueFormat::writesAValueInItsUnit()
{
    QFETCH(QString, unit);
    QFETCH(double, value);
    QFETCH(Decimals, decimals);

    QTEST(formatValue(value, unit, decimals).full(), "text");
}

void TestDashboardValueFormat::keepsTheUnitApartFromTheNumber()
{
    const FormattedValue rate = formatValue(0.5, u"reqps"_s);
    const FormattedValue price = formatValue(-3, u"currencyEUR"_s);

    QCOMPARE(rate.prefix, QString());
    QCOMPARE(rate.text, u"0.500"_s);
    QCOMPARE(rate.suffix, u" req/s"_s);
    QCOMPARE(price.prefix, u"-€"_s);
    QCOMPARE(price.text, u"3"_s);
}

void TestDashboardValueFormat::writesWhatIsNoNumber()
{
    QCOMPARE(formatNumber(std::nan("")), u"NaN"_s);
    QCOMPARE(formatNumber(infinity), u"∞"_s);
    QCOMPARE(formatNumber(-infinity), u"-∞"_s);
    for (const QString &unit :
         {u""_s, u"bytes"_s, u"s"_s, u"dateTimeAsIso"_s, u"locale"_s, u"bool"_s}) {
        QCOMPARE(formatValue(std::nan(""), unit).text, u"NaN"_s);
        QCOMPARE(formatValue(-infinity, unit).text, u"-∞"_s);
    }
    for (const double extreme : {1e308, -1e308, 5e-324}) {
        for (const QString &unit :
             {u"bytes"_s, u"short"_s, u"ns"_s, u"d"_s, u"dateTimeAsIso"_s, u"odd"_s})
            QVERIFY(!formatValue(extreme, unit, 20).full().isEmpty());
    }
}

void TestDashboardValueFormat::countsBinaryUnitsInPowersOfTwo()
{
    QVERIFY(isBinaryUnit(u"bytes"_s));
    QVERIFY(isBinaryUnit(u"gbytes"_s));
    QVERIFY(!isBinaryUnit(u"decbytes"_s));
    QVERIFY(!isBinaryUnit(u"no such unit"_s));
}

void TestDashboardValueFormat::writesWhatGrafanaWrites()
{
    NEEDS_GRAFANA_VECTORS();
    const QJsonArray cases = test::vectorCases(u"value_formats.json"_s);
    QVERIFY(!cases.isEmpty());

    QStringList wrong;
    QStringList unknown;
    for (const QJsonValue entry : cases) {
        const QString unit = entry["unit"_L1].toString();
        if (!isKnown(unit)) {
            unknown << unit;
            continue;
        }
        const Decimals decimals =
            entry["decimals"_L1].isNull() ? Decimals() : entry["decimals"_L1].toInt();
        const QString text = formatValue(entry["value"_L1].toDouble(), unit, decimals).full();
        if (text != entry["text"_L1].toString())
            wrong << text + u" for "_s + test::caseText(entry.toObject());
    }
    const qsizetype skipped = unknown.size();
    unknown.removeDuplicates();

    qInfo("%lld cases; %lld of %lld units that are not in the table were left out",
          qlonglong(cases.size() - skipped), qlonglong(skipped), qlonglong(unknown.size()));
    QVERIFY(test::allAgree(wrong));
}

QTEST_GUILESS_MAIN(TestDashboardValueFormat)

#include "tst_dashboard_value_format.moc"
