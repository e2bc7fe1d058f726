#include "core/demo/simulated_services.h"

#include "core/observability/system_collector.h"

#include <QFile>
#include <QFileInfo>

#include <filesystem>

namespace trendscope::demo {
namespace {

using namespace std::chrono_literals;
using exporter::HttpServer;
using exporter::ListenAddress;
using exporter::Request;
using exporter::Response;

constexpr std::uint64_t seed = 20240115; // every demo has the same past
constexpr const char *loopback = "127.0.0.1";
constexpr qint64 largestLog = 50'000'000; ///< bytes

observability::LogSettings logSettings(const QString &file)
{
    observability::LogSettings settings;
    settings.file = QFile::encodeName(file).toStdString();
    return settings;
}

Response metricsOf(const observability::Metrics &metrics)
{
    return {200, std::string(observability::textContentType), metrics.expose()};
}

exporter::Handler metricsPage(const observability::Metrics &metrics)
{
    return exporter::Routes{
        {"/metrics", [&metrics](const Request &) { return metricsOf(metrics); }}};
}

exporter::Handler apiPages(const observability::Metrics &metrics)
{
    return exporter::Routes{
        {"/metrics", [&metrics](const Request &) { return metricsOf(metrics); }},
        {"/health", [](const Request &) {
             return Response{200, "application/json", R"({"status":"ok"})"};
         }}};
}

/// So that the history's curves lead to the values that the exporter measures from the start on.
HostUsage usageOfThisMachine()
{
    const observability::SystemCollector collector({"/"});
    HostUsage usage;
    usage.memory = collector.memoryPercent().value_or(usage.memory);
    usage.disk = collector.diskPercent().value.value_or(usage.disk);
    return usage;
}

Timestamp now()
{
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
}

} // namespace

Result<std::unique_ptr<SimulatedServices>>
SimulatedServices::start(Timestamp begin, Timestamp demoStart, const QString &logFile)
{
    std::unique_ptr<SimulatedServices> services(new SimulatedServices(begin, demoStart, logFile));
    if (const auto &error = services->m_logging->error())
        return tl::unexpected(*error);
    if (auto listening = services->listen(); !listening)
        return tl::unexpected(listening.error());
    return services;
}

SimulatedServices::SimulatedServices(Timestamp begin, Timestamp demoStart, const QString &logFile)
    : m_logFile(logFile)
    , m_logging(std::make_unique<observability::Logging>(logSettings(logFile)))
    , m_platform(seed, begin, demoStart, usageOfThisMachine())
{
    connect(&m_tick, &QTimer::timeout, this, &SimulatedServices::follow);
}

Result<void> SimulatedServices::listen()
{
    auto celery = HttpServer::start({loopback, 0}, metricsPage(m_platform.celery()));
    if (!celery)
        return tl::unexpected(celery.error());
    m_celeryServer = *std::move(celery);

    auto postgres = HttpServer::start({loopback, 0}, metricsPage(m_platform.postgres()));
    if (!postgres)
        return tl::unexpected(postgres.error());
    m_postgresServer = *std::move(postgres);

    if (auto api = listenAsApi({loopback, 0}); !api)
        return api;
    m_apiPort = m_apiServer->port();
    m_apiAddress = addressOf(*m_apiServer);
    return {};
}

Result<void> SimulatedServices::listenAsApi(const ListenAddress &address)
{
    auto server = HttpServer::start(address, apiPages(m_platform.api()));
    if (!server)
        return tl::unexpected(server.error());
    m_apiServer = *std::move(server);
    return {};
}

void SimulatedServices::goLive()
{
    m_platform.logTo(*m_logging);
    m_tick.start(1s);
    follow();
}

void SimulatedServices::follow()
{
    rotateLog();
    m_platform.advanceTo(now());
    if (!m_platform.isApiUp()) {
        m_apiServer.reset();
    } else if (!m_apiServer) {
        // A service that lost its port to somebody else tries again, as its supervisor would: at
        // the next tick.
        if (const auto listening = listenAsApi({loopback, m_apiPort}); !listening)
            m_logging->logger("trend_agent.api").error(listening.error().message);
    }
}

void SimulatedServices::rotateLog()
{
    if (QFileInfo(m_logFile).size() < largestLog)
        return;
    const QByteArray file = QFile::encodeName(m_logFile);
    std::error_code failure; // then it goes on growing, and this is tried again
    std::filesystem::rename(file.toStdString(), file.toStdString() + ".1", failure);
    auto logging = std::make_unique<observability::Logging>(logSettings(m_logFile));
    if (failure || logging->error())
        return;
    m_platform.logTo(*logging);
    m_logging = std::move(logging);
}

QString SimulatedServices::addressOf(const HttpServer &server)
{
    return QString::fromStdString(server.address().text());
}

} // namespace trendscope::demo
