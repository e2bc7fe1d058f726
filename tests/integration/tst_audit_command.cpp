#include "support/audit_log_files.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace trendscope;
using namespace trendscope::observability;
using namespace Qt::StringLiterals;
using test::linesOf;
using test::putLines;
namespace fs = std::filesystem;

/// `trendscope audit verify` as a person or a script runs it.
class TestAuditCommand : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void saysThatAllIsWell();
    void saysThatNothingIsAuthenticatedWithoutTheKey();
    void saysWhereTheProblemIs();
    void saysThatItDoesNotKnowTheEnd();
    void comparesWithWhatIsExpected();
    void reportsAsJson();
    void refusesWrongUsage_data();
    void refusesWrongUsage();
    void namesTheFileThatIsNotThere();
    void describesItself();

private:
    struct Answer {
        int status;
        QString out;
        QString errors;
    };
    Answer run(const QStringList &arguments) const;
    Answer verify(const QStringList &options) const
    {
        return run(QStringList{u"verify"_s, m_log} + options);
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    QString m_log;
    QString m_key;
};

void TestAuditCommand::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
    m_log = m_directory->filePath(u"audit.log"_s);
    m_key = m_directory->filePath(u"key"_s);
    test::put(m_key.toStdString(), "0123456789abcdef");
    auto log = AuditLog::open({.file = m_log.toStdString(), .keyFile = m_key.toStdString()});
    QVERIFY(log.has_value());
    for (int i = 0; i < 5; ++i)
        QVERIFY(log->authAttempt({.user = "alice", .success = true}).has_value());
}

TestAuditCommand::Answer TestAuditCommand::run(const QStringList &arguments) const
{
    QProcess process;
    process.start(QStringLiteral(TRENDSCOPE_BINARY), QStringList{u"audit"_s} + arguments);
    if (!process.waitForFinished())
        return {-1, {}, process.errorString()};
    return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
            QString::fromUtf8(process.readAllStandardError())};
}

void TestAuditCommand::saysThatAllIsWell()
{
    const Answer answer = verify({u"--key-file"_s, m_key});

    QCOMPARE(answer.errors, u""_s);
    QCOMPARE(answer.out, m_log + u": 5 records, 1 to 5, authenticated\n"_s);
    QCOMPARE(answer.status, 0);
}

void TestAuditCommand::saysThatNothingIsAuthenticatedWithoutTheKey()
{
    const Answer answer = verify({});

    QVERIFY(answer.out.startsWith(m_log + u": 5 records, 1 to 5, consistent, not authenticated"_s));
    QCOMPARE(answer.status, 0);
}

void TestAuditCommand::saysWhereTheProblemIs()
{
    auto lines = linesOf(m_log.toStdString());
    lines[2].replace(lines[2].find("alice"), 5, "mally");
    putLines(m_log.toStdString(), lines);

    const Answer answer = verify({u"--key-file"_s, m_key});

    QCOMPARE(answer.out,
             m_log + u":3: record 3 was edited: its hash is that of another text\n"_s + m_log
                 + u": 5 records, 1 to 5, 1 problem\n"_s);
    QCOMPARE(answer.status, 1);
}

void TestAuditCommand::saysThatItDoesNotKnowTheEnd()
{
    fs::remove(m_log.toStdString() + ".seal");

    const Answer answer = verify({u"--key-file"_s, m_key});

    QVERIFY(answer.out.startsWith(u"note: there is no seal"_s));
    QCOMPARE(answer.status, 3);
}

void TestAuditCommand::comparesWithWhatIsExpected()
{
    const QString last = QJsonDocument::fromJson(verify({u"--format"_s, u"json"_s}).out.toUtf8())
                             .object()[u"last"_s]
                             .toString();
    QVERIFY(last.startsWith(u"5:"_s));
    fs::remove(m_log.toStdString() + ".seal");
    auto lines = linesOf(m_log.toStdString());

    QCOMPARE(verify({u"--expect"_s, last}).status, 0);
    lines.pop_back();
    putLines(m_log.toStdString(), lines);

    const Answer answer = verify({u"--expect"_s, last});
    QVERIFY(answer.out.contains(u"audit.log:4: record 5 is missing at the end"_s));
    QCOMPARE(answer.status, 1);
}

void TestAuditCommand::reportsAsJson()
{
    const Answer answer = verify({u"--key-file"_s, m_key, u"--format"_s, u"json"_s});

    const QJsonObject report = QJsonDocument::fromJson(answer.out.toUtf8()).object();
    QCOMPARE(report[u"verdict"_s], u"authenticated"_s);
    QCOMPARE(report[u"records"_s], 5);
    QCOMPARE(answer.status, 0);
}

void TestAuditCommand::refusesWrongUsage_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("nothing") << QStringList{};
    QTest::newRow("no file") << QStringList{u"verify"_s};
    QTest::newRow("another format") << QStringList{u"verify"_s, u"x"_s, u"--format"_s, u"xml"_s};
    QTest::newRow("no position") << QStringList{u"verify"_s, u"x"_s, u"--expect"_s, u"5"_s};
    QTest::newRow("unknown") << QStringList{u"verify"_s, u"x"_s, u"--unknown"_s};
}

void TestAuditCommand::refusesWrongUsage()
{
    QFETCH(QStringList, arguments);

    const Answer answer = run(arguments);

    QCOMPARE(answer.status, 2);
    QVERIFY(!answer.errors.isEmpty());
}

void TestAuditCommand::namesTheFileThatIsNotThere()
{
    const Answer answer = run({u"verify"_s, u"/nonexistent/audit.log"_s});

    QCOMPARE(answer.status, 1);
    QVERIFY(answer.errors.contains(u"/nonexistent/audit.log can not be read"_s));
}

void TestAuditCommand::describesItself()
{
    const Answer answer = run({u"verify"_s, u"--help"_s});

    QCOMPARE(answer.status, 0);
    for (const QString &option :
         {u"--key-file"_s, u"--expect"_s, u"--after"_s, u"--seal"_s, u"--format"_s})
        QVERIFY(answer.out.contains(option));
}

QTEST_GUILESS_MAIN(TestAuditCommand)
#include "tst_audit_command.moc"
