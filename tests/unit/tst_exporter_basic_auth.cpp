#include "core/exporter/http/basic_auth.h"

#include <QElapsedTimer>
#include <QTest>

using namespace trendscope;

namespace {

// Of "secret", at the least cost.
const exporter::BasicAuth::Users users{
    {"anna", "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"}};

std::string header(const QByteArray &credentials)
{
    return "Basic " + credentials.toBase64().toStdString();
}

} // namespace

class TestExporterBasicAuth : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void judgesCredentials_data();
    void judgesCredentials();
    void refusesWhatIsNotAHeaderOfItsKindWithoutHashing();
    void remembersWhatWasRightForThatHashOnly();
    void knowsBcryptHashes();
};

void TestExporterBasicAuth::judgesCredentials_data()
{
    QTest::addColumn<QByteArray>("credentials");
    QTest::addColumn<bool>("right");
    QTest::newRow("right") << QByteArray("anna:secret") << true;
    QTest::newRow("wrong password") << QByteArray("anna:Secret") << false;
    QTest::newRow("empty password") << QByteArray("anna:") << false;
    QTest::newRow("nobody") << QByteArray("otto:secret") << false;
    QTest::newRow("cut at a NUL") << QByteArray("anna:secret\0x", 13) << false;
    QTest::newRow("no colon") << QByteArray("annasecret") << false;
}

void TestExporterBasicAuth::judgesCredentials()
{
    QFETCH(QByteArray, credentials);
    QFETCH(bool, right);
    exporter::BasicAuth auth;

    QCOMPARE(auth.check(users, header(credentials)), right);
    QCOMPARE(auth.check(users, header(credentials)), right); // also when it may be remembered
}

void TestExporterBasicAuth::refusesWhatIsNotAHeaderOfItsKindWithoutHashing()
{
    const exporter::BasicAuth auth;

    for (const std::string &text :
         {std::string(), std::string("Basic"), std::string("Basic "), std::string("Basic ===="),
          std::string("Basic YQ=a"), std::string("Bearer abcd"),
          std::string("Basic \xff\xff\xff\xff"), "Basic " + std::string(100'000, 'A')})
        QVERIFY(auth.remembered(users, text) == false);
}

void TestExporterBasicAuth::remembersWhatWasRightForThatHashOnly()
{
    exporter::BasicAuth auth;
    const std::string right = header("anna:secret");
    QVERIFY(!auth.remembered(users, right).has_value());

    QVERIFY(auth.check(users, right));

    QVERIFY(auth.remembered(users, right) == true);
    QVERIFY(!auth.remembered(users, header("anna:other")).has_value());
    QVERIFY(!auth.remembered({{"anna", users.at("anna") + "x"}}, right).has_value());
    QVERIFY(auth.remembered(users, "basic" + right.substr(5)) == true);
}

void TestExporterBasicAuth::knowsBcryptHashes()
{
    QVERIFY(exporter::BasicAuth::isHash(users.at("anna")));
    for (const char *text : {"", "secret", "$2y$", "$1$abc$def", "$2x$04$abcdefghijklmnopqrstuv"})
        QVERIFY(!exporter::BasicAuth::isHash(text));
}

QTEST_GUILESS_MAIN(TestExporterBasicAuth)
#include "tst_exporter_basic_auth.moc"
