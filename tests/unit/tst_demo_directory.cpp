#include "core/demo/demo_directory.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using trendscope::demo::DemoDirectory;

/// Each test has a temporary directory of its own, which is where QDir::tempPath() points.
class TestDemoDirectory : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void isPrivateAndRemovedAtTheEnd();
    void isRemovedOnceAfterAMove();
    void removesWhatAKilledDemoLeft();
    void leavesARunningDemoAlone();
    void leavesADirectoryWithoutMarkerAlone();
    void followsNoLinks();
    void namesTheDirectoryThatCannotBeWritten();
    void namesATemporaryDirectoryThatIsNone_data();
    void namesATemporaryDirectoryThatIsNone();

private:
    QString abandoned(const QString &name) const;

    std::unique_ptr<QTemporaryDir> m_temp;
};

void TestDemoDirectory::init()
{
    qputenv("TMPDIR", "/tmp");
    m_temp = std::make_unique<QTemporaryDir>();
    QVERIFY(m_temp->isValid());
    qputenv("TMPDIR", QFile::encodeName(m_temp->path()));
    QCOMPARE(QDir::tempPath(), m_temp->path());
}

/// A directory as a killed demo leaves it: with a marker file that nobody holds locked.
QString TestDemoDirectory::abandoned(const QString &name) const
{
    const QString path = m_temp->filePath(name);
    if (!QDir().mkpath(path + "/data/01ABC"_L1))
        return {};
    QFile marker(path + "/.trendscope-demo"_L1);
    QFile block(path + "/data/01ABC/index"_L1);
    return marker.open(QIODevice::WriteOnly) && block.open(QIODevice::WriteOnly) ? path : QString();
}

void TestDemoDirectory::isPrivateAndRemovedAtTheEnd()
{
    QString path;
    {
        const auto directory = DemoDirectory::create();
        QVERIFY(directory.has_value());
        path = directory->path();
        QVERIFY(path.startsWith(m_temp->filePath(u"trendscope-demo-"_s)));
        struct stat status { };
        QCOMPARE(::stat(qPrintable(path), &status), 0);
        QCOMPARE(status.st_mode & 07777, 0700u);
        QVERIFY(QDir(path).mkpath(u"data/wal"_s));
    }
    QVERIFY(!QFileInfo::exists(path));
}

void TestDemoDirectory::isRemovedOnceAfterAMove()
{
    auto first = DemoDirectory::create();
    auto second = DemoDirectory::create();
    QVERIFY(first && second);
    const QString firstPath = first->path();
    const QString secondPath = second->path();

    *first = std::move(*second);

    QVERIFY(!QFileInfo::exists(firstPath));
    QVERIFY(QFileInfo::exists(secondPath));
    QCOMPARE(first->path(), secondPath);
}

void TestDemoDirectory::removesWhatAKilledDemoLeft()
{
    const QString path = abandoned(u"trendscope-demo-Kill3d"_s);
    QVERIFY(!path.isEmpty());

    const auto directory = DemoDirectory::create();

    QVERIFY(directory.has_value());
    QVERIFY(!QFileInfo::exists(path));
    QVERIFY(QFileInfo::exists(directory->path()));
}

void TestDemoDirectory::leavesARunningDemoAlone()
{
    const auto running = DemoDirectory::create();
    QVERIFY(running.has_value());

    QCOMPARE(DemoDirectory::removeAbandoned(), 0);
    const auto other = DemoDirectory::create();

    QVERIFY(other.has_value());
    QVERIFY(QFileInfo::exists(running->path()));
}

void TestDemoDirectory::leavesADirectoryWithoutMarkerAlone()
{
    const QString foreign = m_temp->filePath(u"trendscope-demo-notes1"_s);
    QVERIFY(QDir().mkpath(foreign));
    const QString otherName = abandoned(u"trendscope-data"_s);

    QCOMPARE(DemoDirectory::removeAbandoned(), 0);

    QVERIFY(QFileInfo::exists(foreign));
    QVERIFY(QFileInfo::exists(otherName));
}

void TestDemoDirectory::followsNoLinks()
{
    // A link with our name to a directory with a marker, a marker that is a link, and a link inside
    // an abandoned one.
    const QString treasure = abandoned(u"treasure"_s);
    QVERIFY(QFile::link(treasure, m_temp->filePath(u"trendscope-demo-linked"_s)));
    const QString fake = m_temp->filePath(u"trendscope-demo-faked1"_s);
    QVERIFY(QDir().mkpath(fake));
    QVERIFY(QFile::link(treasure + "/.trendscope-demo"_L1, fake + "/.trendscope-demo"_L1));
    const QString left = abandoned(u"trendscope-demo-left01"_s);
    QVERIFY(QFile::link(treasure, left + "/link"_L1));

    QCOMPARE(DemoDirectory::removeAbandoned(), 1);

    QVERIFY(!QFileInfo::exists(left));
    QVERIFY(QFileInfo::exists(fake));
    QVERIFY(QFileInfo(m_temp->filePath(u"trendscope-demo-linked"_s)).isSymLink());
    QVERIFY(QFileInfo::exists(treasure + "/data/01ABC/index"_L1));
}

void TestDemoDirectory::namesTheDirectoryThatCannotBeWritten()
{
    qputenv("TMPDIR", "/proc");

    const auto directory = DemoDirectory::create();

    QVERIFY(!directory.has_value());
    QCOMPARE(directory.error().kind, trendscope::Error::Kind::System);
    QVERIFY(QString::fromStdString(directory.error().message).contains("/proc"_L1));
}

void TestDemoDirectory::namesATemporaryDirectoryThatIsNone_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::newRow("not there") << QByteArray("/nonexistent/tmp");
    QTest::newRow("a file") << QByteArray("/etc/passwd");
}

void TestDemoDirectory::namesATemporaryDirectoryThatIsNone()
{
    QFETCH(QByteArray, path);
    qputenv("TMPDIR", path);

    const auto directory = DemoDirectory::create();

    QVERIFY(!directory.has_value());
    QCOMPARE(directory.error().message, "TMPDIR: " + path.toStdString() + " is no directory");
}

QTEST_GUILESS_MAIN(TestDemoDirectory)
#include "tst_demo_directory.moc"
