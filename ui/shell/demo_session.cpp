#include "ui/shell/demo_session.h"

#include "core/net/access.h"
#include "ui/servers/servers.h"
#include "ui/snapshot/snapshot.h"

#include <QDir>
#include <QMessageBox>
#include <QTextStream>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

constexpr auto alertInterval = 5s; ///< as often as the demo evaluates its rules

void say(const QString &text)
{
    QTextStream(stdout) << text << Qt::endl;
}

void complain(const QString &text)
{
    QTextStream(stderr) << "trendscope: " << text << Qt::endl;
}

} // namespace

DemoSession::DemoSession(const DemoOptions &options, bool hasDisplay, Application &application)
    : m_options(options)
    , m_hasDisplay(hasDisplay)
    , m_application(application)
    , m_demo(
          {QString::fromStdString(options.program), QString::fromStdString(options.shareDirectory)})
{
    connect(&m_signals, &demo::SignalWatch::stopRequested, qApp, &QCoreApplication::quit);
    connect(&m_demo, &demo::Demo::progressed, this, &DemoSession::showProgress);
    connect(&m_demo, &demo::Demo::ready, this, &DemoSession::begin);
    connect(&m_demo, &demo::Demo::failed, this, &DemoSession::fail);
}

int DemoSession::run()
{
    if (!m_hasDisplay && !m_options.headless)
        say(u"There is no display: the dashboards are drawn to %1 instead."_s.arg(
            QString::fromStdString(m_options.outputDirectory)));
    if (m_hasDisplay) {
        m_progress = std::make_unique<QLabel>();
        m_progress->setTextFormat(Qt::PlainText);
        m_progress->setObjectName(u"canvas"_s);
        m_progress->setAlignment(Qt::AlignCenter);
        m_progress->setWindowTitle(u"Trendscope demo"_s);
        m_progress->resize(520, 160);
        m_progress->show();
    }
    QTimer::singleShot(0, &m_demo, &demo::Demo::start);
    m_application.run();
    m_console.reset();
    m_demo.stop();
    return m_hasFailed ? 1 : 0;
}

void DemoSession::showProgress(const QString &text)
{
    if (m_progress)
        m_progress->setText(u"Starting the demo\n\n%1"_s.arg(text));
    say(text);
}

void DemoSession::begin()
{
    say(u"Prometheus    %1"_s.arg(m_demo.prometheusUrl().toString()));
    say(u"Alertmanager  %1"_s.arg(m_demo.alertmanagerUrl().toString()));
    say(u"Logs          %1"_s.arg(m_demo.logFile()));
    if (m_hasDisplay)
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
    const int missing = drawPicturesOnce();
    if (m_hasFailed)
        return;
    if (m_options.once) {
        if (missing > 0)
            return fail(
                {Error::Kind::BadResponse, std::to_string(missing) + " panels had no data", {}});
        say(u"Every panel had data."_s);
        return QCoreApplication::quit();
    }
    say(u"Serving until Ctrl-C."_s);
}

int DemoSession::drawPicturesOnce()
{
    const QDir folder(QString::fromStdString(m_options.outputDirectory));
    if (!folder.mkpath(u"."_s)) {
        fail({Error::Kind::System,
              "--output-directory: " + m_options.outputDirectory + " can not be made",
              {}});
        return 0;
    }
    const ConsoleOptions console = consoleOptions();
    net::Access network;
    prom::Client client(network.manager(), {m_demo.prometheusUrl(), {}});
    const dashboard::Library library = dashboard::loadLibrary(stringsOf(console.dashboards));
    int missing = 0;
    for (const dashboard::Dashboard &each : library.dashboards) {
        SnapshotOptions options;
        options.theme = m_options.theme;
        options.output = folder.filePath(each.uid + u".png"_s).toStdString();
        const auto result = drawDashboard(each, client, options, m_application.theme());
        if (!result) {
            fail(result.error());
            return missing;
        }
        missing += result->failed + result->empty;
        say(u"Drawn         %1"_s.arg(QString::fromStdString(options.output)));
    }
    return missing;
}

void DemoSession::fail(const Error &error)
{
    m_hasFailed = true;
    const QString message = QString::fromStdString(error.message);
    complain(message);
    if (m_hasDisplay) {
        m_progress.reset();
        QMessageBox box(QMessageBox::Critical, u"Trendscope demo"_s, message);
        box.setTextFormat(Qt::PlainText);
        box.exec();
    }
    QCoreApplication::quit();
}

} // namespace trendscope::ui
