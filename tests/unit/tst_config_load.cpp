#include "core/config/config.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <map>

using namespace trendscope;
using namespace Qt::StringLiterals;

class TestConfigLoad : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void hasDefaultsWithoutAFile();
    void readsEveryKey();
    void shipsAnExampleOfTheDefaults();
    void findsTheFileOfTheUser_data();
    void findsTheFileOfTheUser();
    void letsTheEnvironmentOverrideTheFile();
    void takesAddressesOfLogsFromTheEnvironment_data();
    void takesAddressesOfLogsFromTheEnvironment();
    void complainsAboutTheEnvironmentByName();
    void namesFileLineAndKeyOfMistakes_data();
    void namesFileLineAndKeyOfMistakes();
    void reportsAFileThatIsNotThere();
    void reportsAFolder();

private:
    std::string write(const QString &path, const QByteArray &text) const;
    config::Environment environment() const;

    std::unique_ptr<QTemporaryDir> m_directory;
    std::map<std::string, std::string> m_variables;
};

void TestConfigLoad::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
    m_variables = {{"XDG_CONFIG_HOME", m_directory->path().toStdString()}};
}

std::string TestConfigLoad::write(const QString &path, const QByteArray &text) const
{
    QFile file(m_directory->filePath(path));
    QDir().mkpath(QFileInfo(file).path());
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
        qFatal("the fixture can not be written");
    return file.fileName().toStdString();
}

config::Environment TestConfigLoad::environment() const
{
    return [this](const char *name) {
        const auto found = m_variables.find(name);
        return found == m_variables.end() ? std::nullopt : std::optional(found->second);
    };
}

void TestConfigLoad::hasDefaultsWithoutAFile()
{
    const auto config = config::load({}, environment());

    QVERIFY(config.has_value());
    QCOMPARE(config->prometheus.url, std::string("http://localhost:9090"));
    QCOMPARE(config->exporter.listenAddresses, std::vector<std::string>{"127.0.0.1:9787"});
    QCOMPARE(config->exporter.mountPoints, std::vector<std::string>{"/"});
}

void TestConfigLoad::readsEveryKey()
{
    const std::string file = write(u"all.yml"_s, R"(
prometheus:
  url: https://prometheus.example/prefix
  headers: {X-Scope-OrgID: team-a}
alertmanager:
  url: http://alertmanager.example:9093
dashboards: [boards, /srv/boards]
logs:
  - app.json
console:
  theme: light
  refresh: 30s
  timezone: Europe/Berlin
exporter:
  listen_address: ":9999"
  web_config_file: web.yml
  disabled_collectors: [system]
  mount_points: [/, /srv]
log:
  level: WARNING
  json: no
  file: /var/log/trendscope.log
)");

    const auto config = config::load(file, environment());

    QVERIFY2(config.has_value(), config ? "" : config.error().message.c_str());
    const std::string folder = m_directory->path().toStdString();
    QCOMPARE(config->prometheus.url, std::string("https://prometheus.example/prefix"));
    QCOMPARE(config->prometheus.headers.size(), 1u);
    QCOMPARE(config->prometheus.headers[0].first, std::string("X-Scope-OrgID"));
    QCOMPARE(config->prometheus.headers[0].second, std::string("team-a"));
    QCOMPARE(config->alertmanager.url, std::string("http://alertmanager.example:9093"));
    QCOMPARE(config->dashboards, (std::vector<std::string>{folder + "/boards", "/srv/boards"}));
    QCOMPARE(config->logs, std::vector{config::LogLocation{folder + "/app.json"}});
    QCOMPARE(config->console.theme, std::string("light"));
    QCOMPARE(config->console.refresh, std::string("30s"));
    QCOMPARE(config->console.timezone, std::string("Europe/Berlin"));
    QCOMPARE(config->exporter.listenAddresses, std::vector<std::string>{":9999"});
    QCOMPARE(config->exporter.webConfigFile, m_directory->filePath(u"web.yml"_s).toStdString());
    QCOMPARE(config->exporter.disabledCollectors, std::vector<std::string>{"system"});
    QCOMPARE(config->exporter.mountPoints, (std::vector<std::string>{"/", "/srv"}));
    QCOMPARE(config->log.level, observability::Level::Warning);
    QCOMPARE(config->log.json, false);
    QCOMPARE(config->log.file.string(), std::string("/var/log/trendscope.log"));
}

void TestConfigLoad::shipsAnExampleOfTheDefaults()
{
    const config::Config defaults;

    const auto example = config::load(SOURCE_DIR "/config/trendscope.yml", environment());

    QVERIFY2(example.has_value(), example ? "" : example.error().message.c_str());
    QCOMPARE(example->prometheus.url, defaults.prometheus.url);
    QVERIFY(example->prometheus.headers == defaults.prometheus.headers);
    QCOMPARE(example->alertmanager.url, defaults.alertmanager.url);
    QCOMPARE(example->dashboards, defaults.dashboards);
    QCOMPARE(example->logs, defaults.logs);
    QCOMPARE(example->console.theme, defaults.console.theme);
    QCOMPARE(example->console.refresh, defaults.console.refresh);
    QCOMPARE(example->console.timezone, defaults.console.timezone);
    QCOMPARE(example->exporter.listenAddresses, defaults.exporter.listenAddresses);
    QCOMPARE(example->exporter.mountPoints, defaults.exporter.mountPoints);
    QCOMPARE(example->log.level, defaults.log.level);
    QCOMPARE(example->log.json, defaults.log.json);
    QCOMPARE(example->log.file.string(), defaults.log.file.string());
}

void TestConfigLoad::findsTheFileOfTheUser_data()
{
    QTest::addColumn<QString>("variable");
    QTest::addColumn<QString>("path");
    QTest::newRow("XDG") << u"XDG_CONFIG_HOME"_s << u"trendscope/trendscope.yml"_s;
    QTest::newRow("home") << u"HOME"_s << u".config/trendscope/trendscope.yml"_s;
}

void TestConfigLoad::findsTheFileOfTheUser()
{
    QFETCH(QString, variable);
    QFETCH(QString, path);
    m_variables = {{variable.toStdString(), m_directory->path().toStdString()}};
    write(path, "console: {theme: light}\n");

    const auto config = config::load({}, environment());

    QVERIFY(config.has_value());
    QCOMPARE(config->console.theme, std::string("light"));
}

void TestConfigLoad::letsTheEnvironmentOverrideTheFile()
{
    write(u"trendscope/trendscope.yml"_s,
          "prometheus: {url: 'http://file:1'}\nlog: {level: error, json: true}\n");
    m_variables.insert({{"TRENDSCOPE_PROMETHEUS_URL", "http://variable:2"},
                        {"TRENDSCOPE_ALERTMANAGER_URL", "http://variable:3"},
                        {"TRENDSCOPE_LISTEN_ADDRESS", ":4"},
                        {"TRENDSCOPE_MOUNT_POINTS", "/:/srv"},
                        {"TRENDSCOPE_THEME", ""}, // as if it were not set
                        {"LOG_JSON", "0"}});

    const auto config = config::load({}, environment());

    QVERIFY2(config.has_value(), config ? "" : config.error().message.c_str());
    QCOMPARE(config->prometheus.url, std::string("http://variable:2"));
    QCOMPARE(config->alertmanager.url, std::string("http://variable:3"));
    QCOMPARE(config->exporter.listenAddresses, std::vector<std::string>{":4"});
    QCOMPARE(config->exporter.mountPoints, (std::vector<std::string>{"/", "/srv"}));
    QCOMPARE(config->console.theme, std::string("dark"));
    QCOMPARE(config->log.level, observability::Level::Error);
    QCOMPARE(config->log.json, false);
}

void TestConfigLoad::takesAddressesOfLogsFromTheEnvironment_data()
{
    QTest::addColumn<QString>("value");
    QTest::addColumn<QStringList>("locations");
    const auto row = [](const QString &value, const QStringList &locations) {
        QTest::newRow(qPrintable(value)) << value << locations;
    };
    const QString a = u"http://a:9787/logs/stream?tail=9"_s;
    const QString b = u"https://me:secret@[::1]:9787/logs/stream"_s;
    row(u"/var/a.log:/var/b.log"_s, {u"/var/a.log"_s, u"/var/b.log"_s});
    row(u"/var/my app.log::b"_s, {u"/var/my app.log"_s, u"b"_s});
    row(a, {a});
    row(a + u' ' + b, {a, b});
    row(u"/var/a.log:"_s + a, {u"/var/a.log"_s, a});
    row(u"/var/a.log "_s + a + u"\n/var/b.log:c "_s, {u"/var/a.log"_s, a, u"/var/b.log"_s, u"c"_s});
    row(u"/var/my app.log:"_s + b + u"  "_s + a, {u"/var/my app.log"_s, b, a});
    row(u"http:a"_s, {u"http"_s, u"a"_s}); // no address: files
}

void TestConfigLoad::takesAddressesOfLogsFromTheEnvironment()
{
    QFETCH(QString, value);
    QFETCH(QStringList, locations);
    m_variables["TRENDSCOPE_LOGS"] = value.toStdString();

    const auto config = config::load({}, environment());

    QVERIFY2(config.has_value(), config ? "" : config.error().message.c_str());
    QStringList read;
    for (const config::LogLocation &log : config->logs)
        read << QString::fromStdString(log.location);
    QCOMPARE(read, locations);
}

void TestConfigLoad::complainsAboutTheEnvironmentByName()
{
    m_variables["LOG_LEVEL"] = "loud";

    const auto config = config::load({}, environment());

    QVERIFY(!config.has_value());
    QCOMPARE(config.error().kind, Error::Kind::Invalid);
    QCOMPARE(
        config.error().message,
        std::string("The environment variable 'LOG_LEVEL' should be debug, info, warning, error "
                    "or critical"));
}

void TestConfigLoad::namesFileLineAndKeyOfMistakes_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("complaint");
    QTest::newRow("unknown section")
        << QByteArray("\nprometeus:\n  url: x\n")
        << QByteArray(":2: unknown key 'prometeus'; did you mean 'prometheus'?");
    QTest::newRow("unknown key")
        << QByteArray("console:\n  theme: dark\n  themes: dark\n")
        << QByteArray(":3: unknown key 'console.themes'; did you mean 'console.theme'?");
    QTest::newRow("nothing near") << QByteArray("zzzzzzzz: 1\n")
                                  << QByteArray(":1: unknown key 'zzzzzzzz'");
    QTest::newRow("list for a text") << QByteArray("prometheus:\n  url: [a]\n")
                                     << QByteArray(":2: 'prometheus.url' should be a text");
    QTest::newRow("not a URL") << QByteArray("prometheus:\n  url: localhost:9090\n")
                               << QByteArray(":2: 'prometheus.url' should be an http or https URL");
    QTest::newRow("text for a list")
        << QByteArray("dashboards: boards\n") << QByteArray(":1: 'dashboards' should be a list");
    QTest::newRow("map in a list")
        << QByteArray("logs: [{a: b}]\n")
        << QByteArray(":1: 'logs' should be a list of files and of URLs, or of maps with url and "
                      "headers");
    QTest::newRow("text for a section")
        << QByteArray("\n\nconsole: dark\n")
        << QByteArray(":3: console should be a map of keys and values");
    QTest::newRow("not a theme") << QByteArray("console: {theme: blue}\n")
                                 << QByteArray(":1: 'console.theme' should be dark or light");
    QTest::newRow("not an interval")
        << QByteArray("console: {refresh: soon}\n")
        << QByteArray(":1: 'console.refresh' should be an interval such as 5s or 1m, or off");
    QTest::newRow("not a truth value") << QByteArray("log: {json: maybe}\n")
                                       << QByteArray(":1: 'log.json' should be true or false");
    QTest::newRow("header of two lines")
        << QByteArray("prometheus:\n  headers: {A: \"b\\r\\nC: d\"}\n")
        << QByteArray(":2: 'prometheus.headers' should be a map of header names and values, each "
                      "of one line");
    QTest::newRow("twice") << QByteArray("logs: []\nlogs: []\n")
                           << QByteArray(":2: the key 'logs' is here a second time");
    QTest::newRow("list") << QByteArray("- a\n")
                          << QByteArray(":1: the file should be a map of keys and values");
    QTest::newRow("not YAML") << QByteArray("a: b\n  c: [\n") << QByteArray(":2: ");
}

void TestConfigLoad::namesFileLineAndKeyOfMistakes()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, complaint);
    const std::string file = write(u"bad.yml"_s, text);

    const auto config = config::load(file, environment());

    QVERIFY(!config.has_value());
    QCOMPARE(config.error().kind, Error::Kind::Invalid);
    const auto message = QByteArray::fromStdString(config.error().message);
    const QByteArray expected = QByteArray::fromStdString(file) + complaint;
    if (complaint.endsWith(' ')) // the rest is the parser's
        QVERIFY2(message.startsWith(expected), message.constData());
    else
        QCOMPARE(message, expected);
}

void TestConfigLoad::reportsAFileThatIsNotThere()
{
    const auto config = config::load("/nonexistent/trendscope.yml", environment());

    QVERIFY(!config.has_value());
    QCOMPARE(config.error().kind, Error::Kind::NotFound);
    QVERIFY(config.error().message.find("/nonexistent/trendscope.yml") != std::string::npos);
}

void TestConfigLoad::reportsAFolder()
{
    const auto config = config::load(m_directory->path().toStdString(), environment());

    QVERIFY(!config.has_value());
    QCOMPARE(config.error().kind, Error::Kind::System);
}

QTEST_GUILESS_MAIN(TestConfigLoad)
#include "tst_config_load.moc"
