#include "core/observability/json_p.h"
#include "core/observability/redaction.h"

#include <QElapsedTimer>
#include <QTest>

#include <thread>
#include <vector>

using namespace trendscope;
using namespace trendscope::observability;
using namespace Qt::StringLiterals;

class TestObservabilityRedaction : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void hidesWhatIsUnderTheKeyOfASecret_data();
    void hidesWhatIsUnderTheKeyOfASecret();
    void masksSecretsInTexts_data();
    void masksSecretsInTexts();
    void leavesInnocentTextsUntouched_data();
    void leavesInnocentTextsUntouched();
    void masksNumbersOfCards();
    void masksMailAddressesWhenAsked();
    void masksWhatMatchesAPattern();
    void refusesWhatCanNotBeAPattern_data();
    void refusesWhatCanNotBeAPattern();
    void takesKeysAndMaskFromItsSettings();
    void needsLinearTimeForHostileTexts_data();
    void needsLinearTimeForHostileTexts();
    void staysRightWhenStrangersFillItsCache();
    void writesAFieldAsJson();
};

void TestObservabilityRedaction::hidesWhatIsUnderTheKeyOfASecret_data()
{
    QTest::addColumn<bool>("hidden");
    for (const char *key : {"password",
                            "PASSWORD",
                            "Password",
                            "db_password",
                            "db-password",
                            "db.password",
                            "dbPassword",
                            "DBPassword",
                            "PGPASSWORD",
                            "dbpassword",
                            "password1",
                            "password_hash",
                            "old_password",
                            "new-password",
                            "passwordConfirmation",
                            "X-Api-Key",
                            "apikey",
                            "API_KEY",
                            "APIKey",
                            "apiKey",
                            "stripe.api.key",
                            "userToken",
                            "access_token",
                            "accesstoken",
                            "Authorization",
                            "http.authorization",
                            "authorization_header",
                            "headers[authorization]",
                            "secret",
                            "client_secret",
                            "clientSecret",
                            "aws_secret_access_key",
                            "privateKey",
                            "Set-Cookie",
                            "session",
                            "session_id",
                            "sessionId",
                            "db_pass",
                            "pwd",
                            "user.pwd",
                            "jwt",
                            "credentials",
                            "card_number",
                            "cvv",
                            "tokenBase64",
                            "api_keys",
                            "apiKeys",
                            "x-api-keys",
                            "private_keys",
                            "access_tokens",
                            "refresh_tokens",
                            "auth_tokens",
                            "sessionid",
                            "PHPSESSID",
                            "JSESSIONID",
                            "session_key",
                            "private_key_pem",
                            "credentials_file",
                            "secretKeyBase",
                            "password_confirm",
                            "passwordConfirm",
                            "password-repeat",
                            "password_again",
                            "passwordAgain",
                            "password_plaintext",
                            "password_enc",
                            "token_b64",
                            "secret_token_v2",
                            "passcode",
                            "dbpass",
                            "mysqlpwd",
                            "master_key",
                            "account_key",
                            "ssh_key",
                            "totp",
                            "mfa_code",
                            "otp",
                            "credit_card",
                            "creditCard",
                            "cc_number",
                            "cardNumber"})
        QTest::newRow(key) << true;
    for (const char *key : {"",
                            "user",
                            "author",
                            "authors",
                            "author_id",
                            "monkey",
                            "key",
                            "keyboard",
                            "passenger",
                            "passengers",
                            "bypass",
                            "compass",
                            "session_count",
                            "sessions",
                            "tokens",
                            "tokens_used",
                            "max_tokens",
                            "token_count",
                            "tokenizer",
                            "token_type",
                            "password_changed_at",
                            "secretary",
                            "pinned",
                            "shipping",
                            "spin",
                            "cookie_consent",
                            "duration",
                            "status",
                            "request_id",
                            "trace_id",
                            "id",
                            "value",
                            "1",
                            "hash",
                            "path",
                            "tokens_total",
                            "compass",
                            "pass_rate",
                            "passed",
                            "public_key",
                            "primary_key",
                            "foreign_key",
                            "keyspace",
                            "hotkey",
                            "authored",
                            "authenticated",
                            "user_pins",
                            "card",
                            "\xff\xfe",
                            "\xc3\xa4"})
        QTest::newRow(*key ? key : "empty") << false;
}

void TestObservabilityRedaction::hidesWhatIsUnderTheKeyOfASecret()
{
    QFETCH(bool, hidden);
    const std::string_view tag = QTest::currentDataTag();
    const std::string_view key = tag == "empty" ? "" : tag;
    const Redactor redactor;

    QCOMPARE(redactor.hidesKey(key), hidden);
    QCOMPARE(redactor.hidesKey(key), hidden); // as it was remembered
}

void TestObservabilityRedaction::masksSecretsInTexts_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("masked");
    const QByteArray jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_w";
    QTest::newRow("JWT") << jwt << QByteArray("***");
    QTest::newRow("JWT in a text") << "got " + jwt + ", next" << QByteArray("got ***, next");
    QTest::newRow("JWT at a sentence's end")
        << "got " + jwt + ". Next" << QByteArray("got ***. Next");
    QTest::newRow("two JWTs") << jwt + " " + jwt << QByteArray("*** ***");
    QTest::newRow("unsigned JWT") << QByteArray("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0. x")
                                  << QByteArray("*** x");
    QTest::newRow("encrypted JWT")
        << QByteArray("eyJhbGciOiJSU0EifQ.OKOawDo13g.48V1_ALb6U.5eym8TW_c8Su.XFBoMYUZodet!")
        << QByteArray("***!");
    QTest::newRow("card") << QByteArray("4111111111111111") << QByteArray("***");
    QTest::newRow("card in groups")
        << QByteArray("card 4111 1111 1111 1111 12/27") << QByteArray("card *** 12/27");
    QTest::newRow("card with hyphens")
        << QByteArray("(5500-0055-5555-5559)") << QByteArray("(***)");
    QTest::newRow("American Express") << QByteArray("3782 822463 10005.") << QByteArray("***.");
    QTest::newRow("Diners Club") << QByteArray("30569309025904") << QByteArray("***");
    QTest::newRow("13 digits") << QByteArray("a 4222222222222") << QByteArray("a ***");
    QTest::newRow("19 digits") << QByteArray("6304000000000000000") << QByteArray("***");
    QTest::newRow("card after another number")
        << QByteArray("77 4111111111111111") << QByteArray("77 ***");
    QTest::newRow("URL") << QByteArray("postgres://user:pw@host/db")
                         << QByteArray("postgres://user:***@host/db");
    QTest::newRow("URL with @ in the password")
        << QByteArray("redis://:p@ss@host:6379") << QByteArray("redis://:***@host:6379");
    QTest::newRow("token in a URL") << QByteArray("git clone https://ghp_abc@github.com/x")
                                    << QByteArray("git clone https://***@github.com/x");
    QTest::newRow("Bearer") << QByteArray("Authorization was: bearer abc.def")
                            << QByteArray("Authorization was: bearer ***");
    QTest::newRow("query") << QByteArray("GET /x?page=2&api_key=abc&n=1")
                           << QByteArray("GET /x?page=2&api_key=***&n=1");
    QTest::newRow("conninfo") << QByteArray("host=db password = 'a b' port=1")
                              << QByteArray("host=db password = '***' port=1");
    QTest::newRow("JSON") << QByteArray(R"({"password": "a\"b", "n": 1})")
                          << QByteArray(R"({"password": "***", "n": 1})");
    QTest::newRow("Python") << QByteArray("{'token': 'abc', 'n': 1}")
                            << QByteArray("{'token': '***', 'n': 1}");
    QTest::newRow("JSON in JSON") << QByteArray(R"("{\"secret\":\"abc\",\"n\":1}")")
                                  << QByteArray(R"("{\"secret\":\"***\",\"n\":1}")");
    QTest::newRow("number") << QByteArray(R"({"pin":1234})") << QByteArray(R"({"pin":***})");
    QTest::newRow("header") << QByteArray("X-Api-Key: abc") << QByteArray("X-Api-Key: ***");
    QTest::newRow("basic") << QByteArray("Authorization: Basic dXNlcjpwdw==")
                           << QByteArray("Authorization: ***");
    QTest::newRow("open quote") << QByteArray("password=\"abc def") << QByteArray("password=\"***");
    QTest::newRow("card in CSV") << QByteArray("42,4111111111111111,12/26")
                                 << QByteArray("42,***,12/26");
    QTest::newRow("card in a list") << QByteArray("[1,4111111111111111]") << QByteArray("[1,***]");
    QTest::newRow("card after a name")
        << QByteArray("card4111111111111111") << QByteArray("card***");
    QTest::newRow("card after a name and _")
        << QByteArray("card_4111111111111111") << QByteArray("card_***");
    QTest::newRow("19 digits in groups")
        << QByteArray("6304 0000 0000 0000 000") << QByteArray("***");
    QTest::newRow("UnionPay of 17 digits") << QByteArray("62000000000000000") << QByteArray("***");
    QTest::newRow("Cookie") << QByteArray("Cookie: theme=dark; sessionid=S; x=1")
                            << QByteArray("Cookie: ***");
    QTest::newRow("Set-Cookie") << QByteArray("Set-Cookie: sid=abc; Path=/\nB: 1")
                                << QByteArray("Set-Cookie: ***\nB: 1");
    QTest::newRow("Digest") << QByteArray("Authorization: Digest username=\"a\", response=\"b\"")
                            << QByteArray("Authorization: ***");
    QTest::newRow("header in quotes") << QByteArray("-H 'Authorization: Basic dXNl' http://h")
                                      << QByteArray("-H 'Authorization: ***' http://h");
    QTest::newRow("header without a blank")
        << QByteArray("Authorization:Bearer abc") << QByteArray("Authorization:***");
    QTest::newRow("array") << QByteArray("{\"password\":[\"k1\",\"k]2\"],\"n\":1}")
                           << QByteArray("{\"password\":[***],\"n\":1}");
    QTest::newRow("object") << QByteArray("{\"auth\":{\"user\":\"a\",\"v\":[1]},\"n\":1}")
                            << QByteArray("{\"auth\":{***},\"n\":1}");
    QTest::newRow("array without an end")
        << QByteArray("\"password\":[\"k1\",") << QByteArray("\"password\":[***");
    QTest::newRow("plural") << QByteArray("{\"api_keys\": [\"k1\"]}")
                            << QByteArray("{\"api_keys\": [***]}");
    QTest::newRow("colon") << QByteArray("password:hunter2") << QByteArray("password:***");
    QTest::newRow("colon and more")
        << QByteArray("x password:hun,ter2, y") << QByteArray("x password:***, y");
    QTest::newRow("colon in a URL's place")
        << QByteArray("secret_token:abc") << QByteArray("secret_token:***");
    QTest::newRow("braces") << QByteArray("password={abc}") << QByteArray("password={***}");
    QTest::newRow("brackets that go on")
        << QByteArray("password=(a)b") << QByteArray("password=***");
    QTest::newRow("token") << QByteArray("token: abc123") << QByteArray("token: ***");
    QTest::newRow("token without a blank") << QByteArray("token:abc123") << QByteArray("token:***");
    QTest::newRow("arrow") << QByteArray(":password=>hunter2") << QByteArray(":password=>***");
    QTest::newRow("Bearer and a tab") << QByteArray("Bearer\tx") << QByteArray("Bearer\t***");
    QTest::newRow("URL with / in the password")
        << QByteArray("postgres://u:p/w@h") << QByteArray("postgres://u:***@h");
    QTest::newRow("URL with ? in the password")
        << QByteArray("amqp://u:p?w@h/x@y") << QByteArray("amqp://u:***@y");
    QTest::newRow("option") << QByteArray("run --password hunter2 -v")
                            << QByteArray("run --password *** -v");
    QTest::newRow("option in a list") << QByteArray("['--db-password', 'a b', 'c']")
                                      << QByteArray("['--db-password', '***', 'c']");
    QTest::newRow("private key") << QByteArray(
        "a -----BEGIN RSA PRIVATE KEY-----\nMI\n-----END RSA PRIVATE KEY-----")
                                 << QByteArray("a ***");
    QTest::newRow("private key without an end")
        << QByteArray("-----BEGIN PRIVATE KEY-----\nMIIE") << QByteArray("***");
    QTest::newRow("NUL around") << QByteArray("a\0password=x\0", 13).append(' ')
                                << QByteArray("a\0password=***", 14).append(' ');
}

void TestObservabilityRedaction::masksSecretsInTexts()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, masked);
    const Redactor redactor;

    std::string out = "as it was";
    QVERIFY(redactor.mask(text.toStdString(), out));
    QCOMPARE(QByteArray::fromStdString(out), masked);
    // Wherever it is: texts are looked at in pieces.
    for (const int length : {1, 2, 3, 5, 7, 8, 9, 13, 15, 16, 17, 23, 31, 32, 33, 70, 3000}) {
        std::string within;
        const QByteArray around(length, 'a');
        QVERIFY2(redactor.mask((around + ' ' + text + ' ' + around).toStdString(), within),
                 qPrintable(QString::number(length)));
        QVERIFY(redactor.mask((around + ' ' + text).toStdString(), within));
    }
    std::string again = out;
    redactor.mask(out, again);
    QCOMPARE(again, out);
}

void TestObservabilityRedaction::leavesInnocentTextsUntouched_data()
{
    QTest::addColumn<QByteArray>("text");
    for (const char *text : {"Request completed",
                             "",
                             "/api/trends",
                             "550e8400-e29b-41d4-a716-446655440000",
                             "2024-01-15T10:30:45.123456Z",
                             "20240115103045",
                             "1705314645123",
                             "1705314645123456",
                             "1705314645123456780",
                             "4111111111111112",
                             "a4111111111111111",
                             "4111111111111111b",
                             "0.4111111111111111",
                             "4111111111111111.5",
                             "41111111111111111111111",
                             "0af7651916cd43dd8448eb211c80319c",
                             "eyJ",
                             "eyJ.eyJ.x",
                             "eyJhbGciOiJIUzI1NiJ9",
                             "eyJhbGciOiJIUzI1NiJ9. Next",
                             "http://host:80/path@x",
                             "mail user@host.org",
                             "Unexpected token: foo",
                             "if (token == other)",
                             "tokens_used=5 session_count=2",
                             "status=200 duration=0.5",
                             "author=me",
                             "the bearer",
                             "forbearer x",
                             "password=",
                             "'it''s'",
                             "a = b",
                             "key: value",
                             "\"a\": \"b\"",
                             "J J J",
                             "4111111111111111110",
                             "41111111111111113",
                             "5105105105105105103",
                             "took 4 41111111111111115",
                             "x7k4111111111111111",
                             "Unexpected token: <",
                             "parse error at token:5",
                             "connect to auth:8080",
                             "std::session::open",
                             "http://host:80/a:b@c",
                             "http://[::1]:80/x@y",
                             "psql --no-password db",
                             "--password --verbose",
                             "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
                             "-- token of time",
                             "key:value",
                             "tokens_used: 12ab34"})
        QTest::newRow(*text ? text : "empty") << QByteArray(text);
}

void TestObservabilityRedaction::leavesInnocentTextsUntouched()
{
    QFETCH(QByteArray, text);
    std::string out = "as it was";

    QVERIFY2(!Redactor().mask(text.toStdString(), out), out.c_str());

    QCOMPARE(out, std::string("as it was"));
}

void TestObservabilityRedaction::masksNumbersOfCards()
{
    const Redactor redactor;
    std::string out;

    json::appendField(out, {"n", std::int64_t{4111111111111111}}, redactor);
    json::appendField(out += ' ', {"n", std::uint64_t{378282246310005}}, redactor);
    json::appendField(out += ' ', {"n", 378282246310005.0}, redactor);
    json::appendField(out += ' ', {"n", std::int64_t{4111111111111112}}, redactor);
    json::appendField(out += ' ', {"n", std::int64_t{-4111111111111111}}, redactor);
    json::appendField(out += ' ', {"n", std::int64_t{1705314645123}}, redactor);

    QCOMPARE(out,
             std::string(R"("n":"***" "n":"***" "n":"***" "n":4111111111111112 )"
                         R"("n":-4111111111111111 "n":1705314645123)"));
}

void TestObservabilityRedaction::masksMailAddressesWhenAsked()
{
    const auto redactor = Redactor::create({.email = true});
    QVERIFY(redactor);
    std::string out;

    QVERIFY(redactor->mask("from a.b+c@example.co.uk, x@y", out));

    QCOMPARE(out, std::string("from ***, x@y"));
}

void TestObservabilityRedaction::masksWhatMatchesAPattern()
{
    // The last one also matches where nothing is.
    const auto good =
        Redactor::create({.patterns = {"cust-[0-9]+", "(?i)iban \\S+", "\\bzz*|\\b"}});
    QVERIFY(good);
    std::string out;

    QVERIFY(good->mask("for cust-17 and cust-18: IBAN DE02.", out));

    QCOMPARE(out, std::string("for *** and ***: ***"));
    QVERIFY(!good->mask("for cust-", out));
}

void TestObservabilityRedaction::refusesWhatCanNotBeAPattern_data()
{
    QTest::addColumn<QByteArray>("pattern");
    QTest::newRow("(unclosed") << QByteArray("(unclosed");
    QTest::newRow("a{2,1}") << QByteArray("a{2,1}");
    QTest::newRow("(?=lookahead)") << QByteArray("(?=lookahead)");
    QTest::newRow("a*") << QByteArray("a*");
    QTest::newRow("\xff") << QByteArray("\xff");
}

void TestObservabilityRedaction::refusesWhatCanNotBeAPattern()
{
    QFETCH(QByteArray, pattern);

    const auto redactor = Redactor::create({.patterns = {"good", pattern.toStdString()}});

    QVERIFY(!redactor);
    QCOMPARE(redactor.error().kind, Error::Kind::Invalid);
    QVERIFY(redactor.error().message.find(pattern.toStdString()) != std::string::npos);
}

void TestObservabilityRedaction::takesKeysAndMaskFromItsSettings()
{
    const auto redactor = Redactor::create({.keys = {"customer-name"},
                                            .credentials = false,
                                            .jwt = false,
                                            .cardNumbers = false,
                                            .mask = "<hidden>"});
    QVERIFY(redactor);

    QVERIFY(redactor->hidesKey("customerName"));
    QVERIFY(!redactor->hidesKey("password"));
    std::string out;
    QVERIFY(!redactor->mask("4111111111111111 password=x", out));
    json::appendField(out, {"CUSTOMER_NAME", 1}, *redactor);
    QCOMPARE(out, std::string(R"("CUSTOMER_NAME":"<hidden>")"));
    QVERIFY(!Redactor::create({.keys = {"--"}}));
}

void TestObservabilityRedaction::needsLinearTimeForHostileTexts_data()
{
    QTest::addColumn<QByteArray>("piece");
    for (const char *piece : {"eyJ",
                              "eyJaaaaaaaaaa.",
                              "4",
                              "4 ",
                              "41-",
                              "://",
                              "://a@",
                              "://a:",
                              "bearer ",
                              "password=",
                              "password:",
                              "\"password\":\"",
                              "=",
                              ": ",
                              " ",
                              "\\\"",
                              "'",
                              "a",
                              "\xff",
                              "token: ",
                              "password=\"\\",
                              "authorization=basic ",
                              "password=[",
                              "password={\"",
                              "Cookie: ",
                              "--password ",
                              "-----BEGIN PRIVATE KEY-----",
                              "-----BEGIN ",
                              "-----END ",
                              "://a:b/",
                              "://a:b/@ ",
                              "password:",
                              "card4",
                              "bearer\t",
                              "--a",
                              "password=>"})
        QTest::newRow(piece) << QByteArray(piece);
}

void TestObservabilityRedaction::needsLinearTimeForHostileTexts()
{
    QFETCH(QByteArray, piece);
    const Redactor redactor;
    std::string text;
    while (text.size() < 2'000'000)
        text += piece.toStdString();
    std::string out;
    QElapsedTimer timer;
    timer.start();

    redactor.mask(text, out);

    // Quadratic time would be hours.
    QVERIFY2(timer.elapsed() < 20'000, qPrintable(QString::number(timer.elapsed())));
}

void TestObservabilityRedaction::staysRightWhenStrangersFillItsCache()
{
    const Redactor redactor;
    std::vector<std::thread> strangers;
    for (int thread = 0; thread < 2; ++thread) {
        strangers.emplace_back([&redactor, thread] {
            for (int i = 0; i < 3000; ++i)
                redactor.hidesKey("key" + std::to_string(i * 2 + thread));
        });
    }
    for (std::thread &stranger : strangers)
        stranger.join();

    for (int i = 0; i < 100; ++i) {
        QVERIFY(!redactor.hidesKey("key" + std::to_string(i)));
        QVERIFY(redactor.hidesKey("password_of_" + std::to_string(i) + "_password"));
    }
}

void TestObservabilityRedaction::writesAFieldAsJson()
{
    const Redactor redactor;
    std::string out;

    json::appendField(out, {"a\"\xff\n", "b\\\xc3\xa4\0"}, redactor);
    json::appendField(out += ' ', {"url", "redis://u:p@h"}, redactor);
    json::appendField(out += ' ', {"password", nullptr}, redactor);
    json::appendField(out += ' ', {"d", 0.1}, redactor);
    json::appendField(out += ' ', {"i", -std::numeric_limits<double>::infinity()}, redactor);
    json::appendField(out += ' ', {"t", true}, redactor);
    json::appendString(out += ' ', std::string(20, 'x') + "\x7f" + std::string(20, 'y'));

    QCOMPARE(QByteArray::fromStdString(out),
             QByteArray("\"a\\\"\xef\xbf\xbd\\n\":\"b\\\\\xc3\xa4\" \"url\":\"redis://u:***@h\" "
                        "\"password\":\"***\" \"d\":0.1 \"i\":\"-Inf\" \"t\":true "
                        "\"xxxxxxxxxxxxxxxxxxxx\\u007fyyyyyyyyyyyyyyyyyyyy\""));
}

QTEST_GUILESS_MAIN(TestObservabilityRedaction)
#include "tst_observability_redaction.moc"
