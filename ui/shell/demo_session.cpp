#include "ui/shell/demo_session.h"

#include "core/dashboard/loader.h"
#include "core/net/access.h"
#include "core/prom/client.h"
#include "ui/servers/servers.h"
#include "ui/shell/complaint.h"
#include "ui/snapshot/snapshot.h"

#include <QDir>
#include <QMessageBox>
#include <QTemporaryFile>
#include <QTextStream>

#include <filesystem>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

constexpr auto alertInterval = 5s; ///< as often as the demo evaluates its rules

void say(const QString &text)
{
    QTextStream(stdout) << text << Qt::endl;
}

QString counted(int count, const QString &one, const QString &many)
{
    return QString::number(count) + u' ' + (count == 1 ? one : many);
}

/// Makes the folder and tries it out: a demo that could not leave its pictures need not start.
Result<void> prepareFolder(const std::string &path)
{
    const std::string option = "--output-directory: " + path;
    std::error_code failure;
    std::filesystem::create_directories(path, failure);
    if (failure)
        return tl::unexpected(
            Error{Error::Kind::System, option + " can not be made: " + failure.message(), {}});
    QTemporaryFile probe(QDir(QString::fromStdString(path)).filePath(u".trendscope-XXXXXX"_s));
    if (!probe.open())
        return tl::unexpected(
            Error{Error::Kind::System,
                  option + " can not be written: " + probe.errorString().toStdString(),
                  {}});
    return {};
}

} // namespace

DemoSession::DemoSession(const DemoOptions &options, Application::Display display,
                         Application &application)
    : m_options(options)
    , m_hasWindow(display == Application::Display::Window)
    , m_application(application)
    , m_demo(
          {QString::fromStdString(options.program), QString::fromStdString(options.shareDirectory)})
{
    connect(&m_signals, &demo::SignalWatch::stopRequested, this, &DemoSession::end);
    if (m_hasWindow)
        connect(qApp, &QGuiApplication::lastWindowClosed, this, &DemoSession::end);
    connect(&m_demo, &demo::Demo::progressed, this, &DemoSession::showProgress);
    connect(&m_demo, &demo::Demo::ready, this, &DemoSession::begin);
    connect(&m_demo, &demo::Demo::failed, this, &DemoSession::fail);
}

int DemoSession::run()
{
    if (m_hasWindow) {
        openProgressWindow();
    } else if (const auto prepared = prepareFolder(m_options.outputDirectory); !prepared) {
        complain(prepared.error());
        return 1;
    }
    QTimer::singleShot(0, &m_demo, &demo::Demo::start);
    m_application.run();
    m_console.reset();
    m_demo.stop();
    return m_hasFailed ? 1 : 0;
}

void DemoSession::openProgressWindow()
{
    m_progress = std::make_unique<QLabel>();
    m_progress->setTextFormat(Qt::PlainText);
    m_progress->setObjectName(u"canvas"_s);
    m_progress->setAlignment(Qt::AlignCenter);
    m_progress->setWindowTitle(u"Trendscope demo"_s);
    m_progress->resize(520, 160);
    m_progress->show();
}

void DemoSession::showProgress(const QString &text)
{
    if (m_progress)
        m_progress->setText(u"Starting the demo\n\n%1"_s.arg(text));
    say(text);
}

void DemoSession::begin()
{
    if (m_isEnding) // closed while the last server started
        return;
    say(u"Prometheus    %1"_s.arg(m_demo.prometheusUrl().toString()));
    say(u"Alertmanager  %1"_s.arg(m_demo.alertmanagerUrl().toString()));
    say(u"Logs          %1"_s.arg(m_demo.logFile()));
    if (m_hasWindow)
        openConsole();
    else
        drawPictures();
}

ConsoleOptions DemoSession::consoleOptions() const
{
    ConsoleOptions options;
    options.servers.prometheus = m_demo.prometheusUrl().toString().toStdString();
    options.servers.alertmanager = m_demo.alertmanagerUrl().toString().toStdString();
    options.dashboards = {m_options.shareDirectory + "/dashboards"};
    options.logs = {m_demo.logFile().toStdString()};
    options.theme = m_options.theme;
    options.dashboard = "api-performance";
    options.refresh = "5s";
    return options;
}

void DemoSession::openConsole()
{
    auto console = Console::create(consoleOptions(), m_application, alertInterval);
    if (!console)
        return fail(console.error());
    m_console = *std::move(console);
    m_console->window().show();
    m_progress.reset();
}

void DemoSession::drawPictures()
{
    const auto missing = drawLibrary();
    if (m_isEnding)
        return;
    if (!missing)
        return fail(missing.error());
    if (!m_options.once)
        return say(u"Serving until Ctrl-C."_s);
    QStringList gaps;
    if (missing->panels > 0)
        gaps << counted(missing->panels, u"panel"_s, u"panels"_s) + u" had no data"_s;
    if (missing->dashboards > 0)
        gaps << counted(missing->dashboards, u"dashboard"_s, u"dashboards"_s)
                + u" could not be read"_s;
    if (!gaps.isEmpty())
        return fail({Error::Kind::BadResponse, gaps.join(u", "_s).toStdString(), {}});
    say(u"Every panel had data."_s);
    end();
}

/// Every dashboard that can be read; a signal or a server that dies ends it early.
Result<DemoSession::Missing> DemoSession::drawLibrary()
{
    net::Access network;
    prom::Client client(network.manager(), {m_demo.prometheusUrl(), {}});
    const std::vector<std::string> places = consoleOptions().dashboards;
    const dashboard::Library library = dashboard::loadLibrary(stringsOf(places));
    for (const Error &problem : library.problems)
        complain(problem);
    if (library.dashboards.empty())
        return tl::unexpected(
            Error{Error::Kind::NotFound, "There is no dashboard in " + places.front(), {}});
    Missing missing;
    missing.dashboards = static_cast<int>(library.problems.size());
    for (const dashboard::Dashboard &each : library.dashboards) {
        const auto empty = drawPicture(each, client);
        if (!empty)
            return tl::unexpected(empty.error());
        if (m_isEnding)
            break;
        missing.panels += *empty;
    }
    return missing;
}

/// Returns how many of its panels had no data.
Result<int> DemoSession::drawPicture(const dashboard::Dashboard &dashboard, prom::Client &client)
{
    const QDir folder(QString::fromStdString(m_options.outputDirectory));
    SnapshotOptions options;
    options.theme = m_options.theme;
    options.output = folder.filePath(dashboard.uid + u".png"_s).toStdString();
    const auto gaps = drawDashboard(dashboard, client, options, m_application.theme());
    if (!gaps)
        return tl::unexpected(gaps.error());
    say(u"Drawn         %1"_s.arg(QString::fromStdString(options.output)));
    return gaps->failed + gaps->empty;
}

void DemoSession::end()
{
    m_isEnding = true;
    QCoreApplication::quit();
}

void DemoSession::fail(const Error &error)
{
    if (m_isEnding)
        return;
    m_hasFailed = true;
    complain(error);
    if (m_hasWindow) {
        // Above the window that there is: without one, the end of the progress would be taken for
        // the wish to leave, and nobody would read this.
        QMessageBox box(QMessageBox::Critical, u"Trendscope demo"_s,
                        QString::fromStdString(error.message), QMessageBox::Close,
                        m_console ? &m_console->window()
                                  : static_cast<QWidget *>(m_progress.get()));
        box.setTextFormat(Qt::PlainText);
        box.setDetailedText(QString::fromStdString(error.detail));
        box.exec();
    }
    end();
}

} // namespace trendscope::ui
