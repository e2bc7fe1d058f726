#include "support/http_exchange.h"

#include <QDir>
#include <QDirIterator>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <signal.h>

using namespace Qt::StringLiterals;

namespace {

constexpr int buildTimeout = 240'000;

const QByteArray traceId = "4bf92f3577b34da6a3ce929d0e0e4736";

struct Outcome {
    int status;
    QByteArray output; ///< both streams
};

Outcome run(const QString &program, const QStringList &arguments,
            const QProcessEnvironment &environment = QProcessEnvironment::systemEnvironment())
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.setProcessEnvironment(environment);
    process.start(program, arguments);
    if (!process.waitForFinished(buildTimeout))
        return {-1, process.errorString().toUtf8()};
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            process.readAll()};
}

bool writeFile(const QString &path, const QByteArray &content)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// The first record with that message in a file of JSON lines.
QJsonObject recordOf(const QString &path, const QString &message)
{
    for (const QByteArray &line : contentOf(path).split('\n')) {
        const QJsonObject record = QJsonDocument::fromJson(line).object();
        if (record["message"_L1].toString() == message)
            return record;
    }
    return {};
}

#define VERIFY_SUCCESS(outcome)                                                                    \
    do {                                                                                           \
        const Outcome made = outcome;                                                              \
        QVERIFY2(made.status == 0, made.output.constData());                                       \
    } while (false)

} // namespace

/// The installed library, as a service of somebody else's gets it.
class TestObservabilityPackage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void installsNothingButTheLibrary();
    void exportsOnlyItsOwnNames();
    void compilesEachHeaderAlone_data();
    void compilesEachHeaderAlone();
    void refusesAWrongLabelName();
    void refusesAResultWhoseStatusItCanNotTake();
    void isKnownToPkgConfig();
    void refusesAnotherMinorVersion();
    void carriesTheExampleService();

private:
    Outcome compile(const QByteArray &source, const QStringList &more = {});
    QString libraryDirectory() const;

    QTemporaryDir m_directory;
    QString m_prefix;
};

void TestObservabilityPackage::initTestCase()
{
    QVERIFY(m_directory.isValid());
    const QString first = m_directory.filePath(u"installed"_s);
    VERIFY_SUCCESS(run(u"cmake"_s,
                       {u"--install"_s, QStringLiteral(BINARY_DIR), u"--component"_s,
                        u"observability"_s, u"--prefix"_s, first}));
    m_prefix = m_directory.filePath(u"moved elsewhere"_s);
    QVERIFY(QDir().rename(first, m_prefix));
}

QString TestObservabilityPackage::libraryDirectory() const
{
    QDirIterator files(m_prefix, {u"libtrendscope-observability.so"_s}, QDir::Files,
                       QDirIterator::Subdirectories);
    return files.hasNext() ? QFileInfo(files.next()).path() : QString();
}

Outcome TestObservabilityPackage::compile(const QByteArray &source, const QStringList &more)
{
    const QString file = m_directory.filePath(u"alone.cpp"_s);
    if (!writeFile(file, source))
        return {-1, "not written"};
    return run(QStringLiteral(CXX_COMPILER),
               QStringList{u"-std=c++20"_s, u"-Wall"_s, u"-Wextra"_s, u"-Wpedantic"_s,
                           u"-Wshadow"_s, u"-Wconversion"_s, u"-Werror"_s, u"-fsyntax-only"_s,
                           u"-I"_s + m_prefix + u"/include"_s}
                   + more + QStringList{file});
}

void TestObservabilityPackage::installsNothingButTheLibrary()
{
    QDirIterator files(m_prefix, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const QString path = QDir(m_prefix).relativeFilePath(files.next());
        const bool isExpected = path.startsWith("include/trendscope/observability/"_L1)
            || path == "include/trendscope/result.h"_L1
            || path.contains("/libtrendscope-observability.so"_L1)
            || path.contains("/cmake/trendscope/trendscope-"_L1)
            || path.endsWith("/pkgconfig/trendscope-observability.pc"_L1);
        QVERIFY2(isExpected && !path.endsWith("_p.h"_L1), qPrintable(path));
        // Where it was built is nobody's business, and wrong on every other machine.
        if (!path.contains(".so"_L1))
            QVERIFY2(!contentOf(files.filePath()).contains(SOURCE_DIR), qPrintable(path));
    }
}

void TestObservabilityPackage::exportsOnlyItsOwnNames()
{
    const Outcome symbols = run(u"nm"_s,
                                {u"-DC"_s, u"--defined-only"_s, u"--format=posix"_s,
                                 libraryDirectory() + u"/libtrendscope-observability.so"_s});

    QCOMPARE(symbols.status, 0);
    QVERIFY(symbols.output.contains("trendscope::observability::Metrics::Metrics("));
    for (const QByteArray &line : symbols.output.trimmed().split('\n')) {
        QByteArray name = line;
        for (const char *prefix : {"typeinfo for ", "typeinfo name for ", "vtable for "})
            if (name.startsWith(prefix))
                name.remove(0, static_cast<qsizetype>(qstrlen(prefix)));
        QVERIFY2(name.startsWith("trendscope::"), line.constData());
    }
}

void TestObservabilityPackage::compilesEachHeaderAlone_data()
{
    QTest::addColumn<QString>("header");
    const QStringList headers =
        QDir(m_prefix + u"/include/trendscope/observability"_s).entryList({u"*.h"_s});
    QVERIFY(headers.contains(u"observability.h"_s));
    for (const QString &header : headers)
        QTest::newRow(qPrintable(header)) << header;
}

void TestObservabilityPackage::compilesEachHeaderAlone()
{
    QFETCH(QString, header);

    VERIFY_SUCCESS(compile("#include <trendscope/observability/" + header.toUtf8() + ">\n"));
}

void TestObservabilityPackage::refusesAWrongLabelName()
{
    const auto program = [](const QByteArray &labels) {
        return "#include <trendscope/observability/observability.h>\n"
               "using namespace trendscope::observability;\n"
               "int main() { apiRequestsTotal.labels({"
            + labels + "}).increment(); }\n";
    };

    VERIFY_SUCCESS(compile(program(".method = \"GET\", .endpoint = \"/x\", .statusCode = 200")));
    for (const char *wrong : {".verb = \"GET\", .endpoint = \"/x\", .statusCode = 200",
                              ".method = \"GET\", .endpoint = \"/x\"",
                              ".method = \"GET\", .endpoint = \"/x\", .statusCode = 2.5"})
        QVERIFY2(compile(program(wrong)).status != 0, wrong);
}

void TestObservabilityPackage::refusesAResultWhoseStatusItCanNotTake()
{
    const auto program = [](const QByteArray &statusOf, const QByteArray &result) {
        return "#include <trendscope/observability/observability.h>\n"
               "#include <future>\n"
               "namespace obs = trendscope::observability;\n"
               "namespace shop {\n"
               "enum class Code { Gone = 410 };\n"
               "struct Answer { };\n"
            + statusOf
            + " { throw 1; }\n}\n"
              "int main() { obs::trackApiRequest(\"GET\", \"/x\", []() -> "
            + result + " { throw 1; }); }\n";
    };
    const QByteArray good = "int statusOf(const Answer &)";

    VERIFY_SUCCESS(compile(program(good, "shop::Answer")));
    VERIFY_SUCCESS(compile(program(good, "std::string")));
    for (const char *wrong :
         {"std::string statusOf(const Answer &)", "Code statusOf(const Answer &)",
          "bool statusOf(const Answer &)", "int statusOf(Answer &&)"}) {
        for (const char *result : {"shop::Answer", "trendscope::Result<shop::Answer>"}) {
            const Outcome compiled = compile(program(wrong, result));
            QVERIFY2(compiled.status != 0, wrong);
            QVERIFY2(compiled.output.contains("a TaskStatus: cast"), compiled.output.constData());
        }
    }
    for (const char *result : {"std::future<int>", "std::shared_future<void>"}) {
        const Outcome compiled = compile(program(good, result));
        QVERIFY2(compiled.output.contains("a future's is not"), compiled.output.constData());
    }
}

void TestObservabilityPackage::isKnownToPkgConfig()
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"PKG_CONFIG_PATH"_s, libraryDirectory() + u"/pkgconfig"_s);

    const Outcome flags = run(
        u"pkg-config"_s, {u"--cflags"_s, u"--libs"_s, u"trendscope-observability"_s}, environment);

    QVERIFY2(flags.status == 0, flags.output.constData());
    QVERIFY(flags.output.contains("-ltrendscope-observability"));
    const qsizetype at = flags.output.indexOf("-I") + 2;
    const QByteArray include = flags.output.mid(at, flags.output.indexOf(" -L") - at);
    QVERIFY2(QFile::exists(QString::fromUtf8(include).replace("\\ "_L1, " "_L1)
                           + u"/trendscope/result.h"_s),
             flags.output.constData());
}

void TestObservabilityPackage::refusesAnotherMinorVersion()
{
    const QString source = m_directory.filePath(u"newer"_s);
    QVERIFY(QDir().mkpath(source));
    QVERIFY(writeFile(source + u"/CMakeLists.txt"_s,
                      "cmake_minimum_required(VERSION 3.25)\nproject(newer LANGUAGES CXX)\n"
                      "find_package(trendscope 0.0 REQUIRED)\n"));

    const Outcome configured =
        run(u"cmake"_s,
            {u"-S"_s, source, u"-B"_s, source + u"/build"_s, u"-DCMAKE_PREFIX_PATH="_s + m_prefix});

    QVERIFY(configured.status != 0);
    QVERIFY2(configured.output.contains("0.0"), configured.output.constData());
}

void TestObservabilityPackage::carriesTheExampleService()
{
    const QString build = m_directory.filePath(u"example"_s);
    VERIFY_SUCCESS(
        run(u"cmake"_s,
            {u"-S"_s, QStringLiteral(SOURCE_DIR "/docs/examples/service"), u"-B"_s, build,
             u"-DCMAKE_BUILD_TYPE=Release"_s, u"-DCMAKE_PREFIX_PATH="_s + m_prefix,
             u"-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror"_s}));
    VERIFY_SUCCESS(run(u"cmake"_s, {u"--build"_s, build}));
    const QString log = m_directory.filePath(u"service.log"_s);
    QProcess service;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"LOG_FILE"_s, log);
    service.setProcessEnvironment(environment);
    service.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    service.start(build + u"/trends-service"_s, {u"0"_s, m_directory.path()});
    QVERIFY(service.waitForStarted());
    QTRY_VERIFY_WITH_TIMEOUT(!recordOf(log, u"Listening"_s).isEmpty(), 10'000);
    const auto port =
        static_cast<quint16>(recordOf(log, u"Listening"_s)["context"_L1]["port"_L1].toInt());

    const QByteArray trends = test::exchange(
        port,
        test::request("GET", "/trends",
                      "traceparent: 00-" + traceId
                          + "-00f067aa0ba902b7-01\r\nX-Request-Id: abc-123\r\nX-User: jo\r\n"));
    const QByteArray unknown = test::exchange(port, test::request("GET", "/etc/passwd"));
    const QByteArray openMetrics = test::exchange(
        port, test::request("GET", "/metrics", "Accept: application/openmetrics-text\r\n"));
    const QByteArray packed =
        test::exchange(port, test::request("GET", "/metrics", "Accept-Encoding: gzip\r\n"));
    ::kill(static_cast<pid_t>(service.processId()), SIGTERM);
    QVERIFY(service.waitForFinished());

    QVERIFY(trends.startsWith("HTTP/1.1 200 "));
    QVERIFY(test::bodyOf(trends).contains("solar power"));
    QVERIFY(unknown.startsWith("HTTP/1.1 404 "));
    const QJsonObject listed = recordOf(log, u"Trends listed"_s)["context"_L1].toObject();
    QCOMPARE(listed["request_id"_L1].toString(), u"abc-123"_s);
    QCOMPARE(listed["trace_id"_L1].toString().toUtf8(), traceId);
    QVERIFY(openMetrics.contains("application/openmetrics-text; version=1.0.0"));
    QVERIFY(openMetrics.contains("# {trace_id=\"" + traceId + '"'));
    QVERIFY(openMetrics.contains(
        "api_requests_total{method=\"GET\",endpoint=\"/trends\",status_code=\"200\"} 1"));
    QVERIFY(openMetrics.contains(
        "api_requests_total{method=\"other\",endpoint=\"other\",status_code=\"404\"} 1"));
    QVERIFY(openMetrics.contains("\nsystem_memory_usage_percent "));
    QVERIFY(openMetrics.trimmed().endsWith("# EOF"));
    QVERIFY(packed.contains("Content-Encoding: gzip"));
    QVERIFY(test::bodyOf(packed).startsWith("\x1f\x8b"));
    const QJsonObject access =
        QJsonDocument::fromJson(contentOf(m_directory.filePath(u"audit.log"_s))).object();
    QCOMPARE(access["event_type"_L1].toString(), u"data_access"_s);
    QCOMPARE(access["user"_L1].toString(), u"jo"_s);
    VERIFY_SUCCESS(run(QStringLiteral(TRENDSCOPE_BINARY),
                       {u"audit"_s, u"verify"_s, m_directory.filePath(u"audit.log"_s)}));
    QCOMPARE(service.exitStatus(), QProcess::NormalExit);
    QCOMPARE(service.exitCode(), 0);
}

QTEST_GUILESS_MAIN(TestObservabilityPackage)
#include "tst_observability_package.moc"
