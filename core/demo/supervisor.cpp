#include "core/demo/supervisor.h"

#include "core/demo/history.h"
#include "core/demo/prometheus_config.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

#include <utility>

namespace trendscope::demo {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

constexpr auto longestStart = 120s;
const auto anyPort = u"127.0.0.1:0"_s;
const auto selfTargetsFile = u"prometheus-targets.json"_s;
const auto rulesLink = u"rules"_s; ///< in the demo's directory, to the shipped ones

Result<void> writeFile(const QString &path, const QByteArray &content)
{
    QSaveFile file(path); // Prometheus watches one of them and must not read half of it
    if (file.open(QIODevice::WriteOnly) && file.write(content) == content.size() && file.commit())
        return {};
    return tl::unexpected(
        Error{Error::Kind::System,
              u"Writing %1 failed: %2"_s.arg(path, file.errorString()).toStdString(),
              {}});
}

QUrl urlOf(const QString &address)
{
    return QUrl(u"http://%1/"_s.arg(address));
}

Timestamp wholeSecondNow()
{
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

/// It runs in the directory: what its configuration names there has relative paths. Prometheus
/// takes them for patterns, and a directory may have a star or a bracket in its name.
Command prometheusCommand(const QString &directory)
{
    return {u"prometheus"_s,
            {u"--config.file=prometheus.yml"_s, u"--storage.tsdb.path=%1/data"_s.arg(directory),
             u"--storage.tsdb.retention.time=7d"_s, u"--web.listen-address=%1"_s.arg(anyPort),
             u"--log.format=logfmt"_s},
            u"prometheus"_s,
            u"Prometheus"_s,
            directory};
}

Command alertmanagerCommand(const QString &directory, const QString &config)
{
    return {u"prometheus-alertmanager"_s,
            {u"--config.file=%1"_s.arg(config), u"--storage.path=%1/alertmanager"_s.arg(directory),
             u"--web.listen-address=%1"_s.arg(anyPort), u"--cluster.listen-address="_s,
             u"--log.format=logfmt"_s},
            u"prometheus-alertmanager"_s,
            u"Alertmanager"_s};
}

Command promtoolCommand()
{
    return {u"promtool"_s, {}, u"prometheus"_s};
}

Command exporterCommand(const QString &program, const QString &config)
{
    return {program,
            {u"exporter"_s, u"--config"_s, config, u"--web.listen-address"_s, anyPort},
            {},
            u"The exporter"_s};
}

} // namespace

Demo::Demo(DemoSettings settings, QObject *parent)
    : QObject(parent)
    , m_settings(std::move(settings))
{
    m_patience.setSingleShot(true);
    connect(&m_patience, &QTimer::timeout, this, [this] {
        fail({Error::Kind::Timeout, "The demo's servers were not ready within two minutes.", {}});
    });
}

Demo::~Demo()
{
    stop();
}

QString Demo::logFile() const
{
    return m_directory ? m_directory->filePath(u"platform.log"_s) : QString();
}

void Demo::start()
{
    // Later, so that whoever calls it hears the signals even when it fails at once.
    QMetaObject::invokeMethod(
        this,
        [this] {
            m_patience.start(longestStart);
            if (const auto prepared = prepare(); !prepared)
                fail(prepared.error());
        },
        Qt::QueuedConnection);
}

Result<void> Demo::prepare()
{
    if (auto there = checkPrograms(); !there)
        return there;
    Q_EMIT progressed(tr("Starting the simulated platform"));
    auto directory = DemoDirectory::create();
    if (!directory)
        return tl::unexpected(directory.error());
    m_directory = std::make_unique<DemoDirectory>(*std::move(directory));
    QDir(m_directory->path()).mkdir(u"data"_s);

    m_demoStart = wholeSecondNow();
    HistorySettings history;
    history.end = m_demoStart;
    history.span = m_settings.history;
    auto services = SimulatedServices::start(history.begin(), m_demoStart, logFile());
    if (!services)
        return tl::unexpected(services.error());
    m_services = *std::move(services);

    if (auto started = startExporter(); !started)
        return started;
    if (auto started = startAlertmanager(); !started)
        return started;
    startHistory();
    return {};
}

Result<void> Demo::checkPrograms() const
{
    const QString directory;
    for (const Command &command :
         {prometheusCommand(directory), promtoolCommand(), alertmanagerCommand(directory, {}),
          exporterCommand(m_settings.program, {})}) {
        if (const auto path = locate(command); !path)
            return tl::unexpected(path.error());
    }
    const QString rules = sharePath(u"config/alerts"_s);
    if (QFileInfo(rules).isDir())
        return {};
    return tl::unexpected(
        Error{Error::Kind::NotFound,
              u"There is no directory %1 with alerting rules."_s.arg(rules).toStdString(),
              {}});
}

Result<void> Demo::startExporter()
{
    // An empty file of its own: the user's settings are not the demo's.
    const QString config = m_directory->filePath(u"trendscope.yml"_s);
    if (auto written = writeFile(config, "{}\n"); !written)
        return written;
    m_exporter = std::make_unique<ChildProcess>(exporterCommand(m_settings.program, config));
    watch(*m_exporter);
    connect(m_exporter.get(), &ChildProcess::lineRead, this, [this](const QByteArray &line) {
        if (const auto address = listenAddressIn(line); address && m_exporterAddress.isEmpty()) {
            m_exporterAddress = *address;
            continueWhenReady();
        }
    });
    return m_exporter->start();
}

Result<void> Demo::startAlertmanager()
{
    m_alertmanager = std::make_unique<ChildProcess>(
        alertmanagerCommand(m_directory->path(), sharePath(u"config/alertmanager.yml"_s)));
    watch(*m_alertmanager);
    connect(m_alertmanager.get(), &ChildProcess::lineRead, this, [this](const QByteArray &line) {
        if (const auto address = listenAddressIn(line);
            address && m_alertmanagerAddress.isEmpty()) {
            m_alertmanagerAddress = *address;
            m_alertmanagerUrl = urlOf(*address);
            continueWhenReady();
        }
    });
    return m_alertmanager->start();
}

void Demo::startHistory()
{
    Q_EMIT progressed(tr("Making %1 hours of history").arg(m_settings.history.count()));
    HistorySettings history;
    history.end = m_demoStart;
    history.span = m_settings.history;
    history.scratchDirectory = m_directory->path();
    history.dataDirectory = m_directory->filePath(u"data"_s);
    m_historyThread.reset(QThread::create([this, history, stop = m_historyStop.get_token()] {
        const auto result = makeHistory(m_services->platform(), history, stop);
        QMetaObject::invokeMethod(
            this, [this, result] { finishHistory(result); }, Qt::QueuedConnection);
    }));
    m_historyThread->start();
}

void Demo::finishHistory(const Result<void> &result)
{
    m_historyThread->wait();
    if (m_historyStop.stop_requested())
        return;
    if (!result)
        return fail(result.error());
    m_hasHistory = true;
    m_services->goLive();
    continueWhenReady();
}

void Demo::continueWhenReady()
{
    if (!m_hasHistory || m_exporterAddress.isEmpty() || m_alertmanagerAddress.isEmpty()
        || m_prometheus)
        return;
    Q_EMIT progressed(tr("Starting Prometheus"));
    if (const auto started = startPrometheus(); !started)
        fail(started.error());
}

Result<void> Demo::startPrometheus()
{
    if (const QString link = m_directory->filePath(rulesLink);
        !QFile::link(sharePath(u"config/alerts"_s), link))
        return tl::unexpected(
            Error{Error::Kind::System, u"%1 can not be made."_s.arg(link).toStdString(), {}});
    const QByteArray config = prometheusConfig({
        .apiAddress = m_services->apiAddress(),
        .celeryAddress = m_services->celeryAddress(),
        .postgresAddress = m_services->postgresAddress(),
        .exporterAddress = m_exporterAddress,
        .alertmanagerAddress = m_alertmanagerAddress,
        .selfTargetsFile = selfTargetsFile,
        .rulesDirectory = rulesLink,
    });
    if (auto written = writeFile(m_directory->filePath(u"prometheus.yml"_s), config); !written)
        return written;
    m_prometheus = std::make_unique<ChildProcess>(prometheusCommand(m_directory->path()));
    watch(*m_prometheus);
    connect(m_prometheus.get(), &ChildProcess::lineRead, this, &Demo::readPrometheusLine);
    return m_prometheus->start();
}

void Demo::readPrometheusLine(const QByteArray &line)
{
    if (const auto address = listenAddressIn(line); address && m_prometheusUrl.isEmpty()) {
        m_prometheusUrl = urlOf(*address);
        const QString file = m_directory->filePath(selfTargetsFile);
        if (const auto written = writeFile(file, selfTargets(*address)); !written)
            fail(written.error());
    }
    if (m_isReady || m_hasFailed || !line.contains("Server is ready to receive web requests"))
        return;
    m_isReady = true;
    m_patience.stop();
    QMetaObject::invokeMethod(this, &Demo::ready, Qt::QueuedConnection);
}

void Demo::stop()
{
    m_patience.stop();
    m_historyStop.request_stop();
    if (m_historyThread)
        m_historyThread->wait();
    // Prometheus first, so that it does not see the others go and raise alerts.
    for (auto *child : {&m_prometheus, &m_alertmanager, &m_exporter}) {
        if (*child)
            (*child)->stop();
        child->reset();
    }
    m_services.reset();
    m_directory.reset();
}

void Demo::watch(const ChildProcess &child) const
{
    connect(&child, &ChildProcess::ended, this, &Demo::fail);
}

void Demo::fail(const Error &error)
{
    m_patience.stop();
    if (std::exchange(m_hasFailed, true))
        return;
    // Queued: who hears it may stop(), which deletes the child whose signal brought us here.
    QMetaObject::invokeMethod(
        this, [this, error] { Q_EMIT failed(error); }, Qt::QueuedConnection);
}

QString Demo::sharePath(const QString &name) const
{
    return QDir(m_settings.shareDirectory).absoluteFilePath(name);
}

} // namespace trendscope::demo
