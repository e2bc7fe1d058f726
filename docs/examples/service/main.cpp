// A small trends service, and what it takes to see what it does: metrics, logs and an audit log.
//
//   trends-service [PORT [DIRECTORY]]    port 8080 of this machine unless told; 0: any that is free
//
// The audit log is written into DIRECTORY. LOG_LEVEL, LOG_JSON and LOG_FILE say what is logged.

#include <arpa/inet.h>
#include <microhttpd.h>
#include <trendscope/observability/observability.h>

#include <csignal>
#include <cstdlib>
#include <string>

namespace obs = trendscope::observability;

namespace {

struct Answer {
    unsigned status = 200;
    std::string contentType = "application/json";
    std::string contentEncoding = {};
    std::string body = {};
};

/// What the tracker of a request takes from its answer.
int statusOf(const Answer &answer)
{
    return static_cast<int>(answer.status);
}

class Service {
public:
    explicit Service(obs::AuditLog &audit)
        : m_audit(audit)
    {
    }

    Answer answer(MHD_Connection *connection, std::string_view method, std::string_view path)
    {
        const auto header = [&](const char *name) {
            const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
            return std::string_view(value ? value : "");
        };
        if (path == "/metrics") {
            for (const auto &error : obs::updateSystemMetrics())
                m_log.limited({.perSecond = 1})
                    .warning("Not measured", {{"reason", error.message}});
            obs::Exposition exposition =
                obs::metrics().answer(header("Accept"), header("Accept-Encoding"));
            return {.contentType = std::string(exposition.contentType),
                    .contentEncoding = std::string(exposition.contentEncoding),
                    .body = std::move(exposition.body)};
        }
        // On every record, exemplar and tracker from here to the answer, also deep down.
        const obs::LogContext context{{"request_id", header("X-Request-Id")},
                                      {"traceparent", header("traceparent")}};
        // Labels are routes, never the path itself: clients make up as many of those as they like.
        const bool isTrends = method == "GET" && path == "/trends";
        const auto answer = [&] { return isTrends ? trends(header("X-User")) : unknown(path); };
        return obs::trackApiRequest(isTrends ? "GET" : "other", isTrends ? "/trends" : "other",
                                    answer);
    }

private:
    Answer trends(std::string_view user)
    {
        const auto call = obs::logFunctionCall(m_log, "trends");
        if (!m_audit.dataAccess(
                {.resourceType = "trends", .resourceId = "all", .action = "read", .user = user}))
            return {.status = 503, .body = "{\"error\":\"no access without its audit record\"}\n"};
        const std::string names = obs::trackDbQuery("select", "trends", [] {
            return R"(["solar power","old maps"])"; // where a real one asks its database
        });
        m_log.info("Trends listed", {{"user", user}, {"count", 2}});
        return {.body = "{\"trends\":" + names + "}\n"};
    }

    Answer unknown(std::string_view path)
    {
        // A scanner asks for thousands of these: five a second are enough to know.
        m_log.limited({.perSecond = 5}).warning("No such page", {{"path", path}});
        return {.status = 404, .body = "{\"error\":\"there is /trends and /metrics\"}\n"};
    }

    obs::AuditLog &m_audit;
    obs::Logger m_log = obs::logger("trends.api");
};

MHD_Result handle(void *service, MHD_Connection *connection, const char *path, const char *method,
                  const char *, const char *, std::size_t *, void **)
{
    const Answer answer = static_cast<Service *>(service)->answer(connection, method, path);
    MHD_Response *response = MHD_create_response_from_buffer(
        answer.body.size(), const_cast<char *>(answer.body.data()), MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "Content-Type", answer.contentType.c_str());
    if (!answer.contentEncoding.empty())
        MHD_add_response_header(response, "Content-Encoding", answer.contentEncoding.c_str());
    const MHD_Result result = MHD_queue_response(connection, answer.status, response);
    MHD_destroy_response(response);
    return result;
}

/// Serves on this machine alone; null when the port can not be had.
MHD_Daemon *serve(Service &service, const char *port)
{
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD, 0, nullptr, nullptr, &handle, &service,
                            MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_CONNECTION_LIMIT, 100U,
                            MHD_OPTION_CONNECTION_TIMEOUT, 30U, MHD_OPTION_END);
}

} // namespace

int main(int argc, char **argv)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr); // in all threads: main waits for them below

    const auto logged = obs::setupLogging({.rotation = {.maxBytes = 100'000'000, .keep = 5}});
    const obs::Logger log = obs::logger("trends");
    auto audit =
        obs::AuditLog::open({.file = std::string(argc > 2 ? argv[2] : ".") + "/audit.log"});
    if (!logged || !audit) {
        log.critical("Not started",
                     {{"reason", (logged ? audit.error() : logged.error()).message}});
        return EXIT_FAILURE;
    }
    Service service(*audit);
    MHD_Daemon *const server = serve(service, argc > 1 ? argv[1] : "8080");
    if (!server) {
        log.critical("Not started", {{"reason", "the port can not be had"}});
        return EXIT_FAILURE;
    }
    log.info("Listening", {{"port", MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port}});

    int signal = 0;
    sigwait(&signals, &signal);
    MHD_stop_daemon(server);
    log.info("Stopped", {{"signal", signal}});
    return EXIT_SUCCESS;
}
