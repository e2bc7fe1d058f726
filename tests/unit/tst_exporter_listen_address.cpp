#include "core/exporter/http/listen_address.h"

#include <QTest>

using namespace trendscope::exporter;

class TestExporterListenAddress : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsHostAndPort_data();
    void readsHostAndPort();
    void refusesWhatIsNone_data();
    void refusesWhatIsNone();
};

void TestExporterListenAddress::readsHostAndPort_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("host");
    QTest::addColumn<int>("port");
    QTest::newRow("IPv4") << QByteArray("127.0.0.1:9787") << QByteArray("127.0.0.1") << 9787;
    QTest::newRow("name") << QByteArray("localhost:0") << QByteArray("localhost") << 0;
    QTest::newRow("any") << QByteArray(":65535") << QByteArray("") << 65535;
    QTest::newRow("IPv6") << QByteArray("[::1]:80") << QByteArray("::1") << 80;
}

void TestExporterListenAddress::readsHostAndPort()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, host);
    QFETCH(int, port);

    const auto address = ListenAddress::parse(text.toStdString());

    QVERIFY(address.has_value());
    QCOMPARE(QByteArray::fromStdString(address->host), host);
    QCOMPARE(int(address->port), port);
    QCOMPARE(QByteArray::fromStdString(address->text()), text);
}

void TestExporterListenAddress::refusesWhatIsNone_data()
{
    QTest::addColumn<QByteArray>("text");
    for (const char *text : {"", "localhost", "9787", "host:", "host:port", "host:-1", "host:65536",
                             "host:80x", "::1:80", "[]:80", "[::1]", "http://host:80", "a b:80"})
        QTest::newRow(text) << QByteArray(text);
}

void TestExporterListenAddress::refusesWhatIsNone()
{
    QFETCH(QByteArray, text);

    const auto address = ListenAddress::parse(text.toStdString());

    QVERIFY(!address.has_value());
    QCOMPARE(address.error().kind, trendscope::Error::Kind::Invalid);
    QVERIFY(QByteArray::fromStdString(address.error().message).contains('\'' + text + '\''));
}

QTEST_GUILESS_MAIN(TestExporterListenAddress)
#include "tst_exporter_listen_address.moc"
