#pragma once

#include "core/config/push_settings.h"
#include "core/exporter/http/http_message.h"
#include "core/exporter/push/push_intake.h"

#include <mutex>
#include <optional>
#include <string>

namespace trendscope::exporter {

/// POST /push: JSON lines (see PushIntake) from whoever has the token, in the header
/// `Authorization: Bearer TOKEN`, or `X-Trendscope-Token: TOKEN` where the server wants a password
/// in the other. Thread safe.
///
/// Answers 200 with `{"taken":n,"refused":n,"problem":"…"}`, 400 where all was refused, 401 without
/// the token, 404 while no token is configured.
class PushEndpoint {
public:
    /// Both must outlive it.
    PushEndpoint(PushedMetrics &metrics, observability::Registry &registry);

    void configure(config::PushSettings settings);
    Response answer(const Request &request);

private:
    PushIntake m_intake;
    std::mutex m_mutex;
    config::PushSettings m_settings; ///< with the mutex
};

/// The token; nothing where the settings name none. Errors: as of secretFrom(), and Invalid where
/// it is empty.
Result<std::optional<std::string>> readPushToken(const config::PushSettings &settings);

} // namespace trendscope::exporter
