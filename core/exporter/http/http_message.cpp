#include "core/exporter/http/http_message.h"

namespace trendscope::exporter {

std::string_view Request::header(std::string_view name) const
{
    const auto found = headers.find(std::string(name));
    return found == headers.end() ? std::string_view() : found->second;
}

std::vector<std::string_view> Request::parameters(std::string_view name) const
{
    std::vector<std::string_view> values;
    for (const auto &[key, value] : query) {
        if (key == name)
            values.push_back(value);
    }
    return values;
}

Routes::Routes(std::initializer_list<std::pair<std::string, Answer>> routes)
    : m_routes(routes)
{
}

void Routes::add(std::string path, Answer answer)
{
    m_routes.emplace_back(std::move(path), std::move(answer));
}

Response Routes::operator()(const Request &request) const
{
    std::string known;
    for (const auto &[route, answer] : m_routes) {
        if (route == request.path)
            return answer(request);
        (known += known.empty() ? "" : ", ") += route;
    }
    return {.status = 404, .body = "Nothing is here. The paths are: " + known + "\n"};
}

} // namespace trendscope::exporter
