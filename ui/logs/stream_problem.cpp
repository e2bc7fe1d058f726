#include "ui/logs/stream_problem.h"

#include "ui/logs/log_text.h"

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;
using Kind = Error::Kind;
using Obstacle = net::EndlessReply::Obstacle;

constexpr qsizetype detailLimit = 200;

/// What the agent says to its refusal; empty where that is nothing but the status once more, or a
/// proxy's page.
QString detailOf(const Error &error)
{
    if (error.kind == Kind::Network || error.kind == Kind::Timeout)
        return {};
    const QString detail = oneLine(error.detail, detailLimit).replace(u'↵', u' ').trimmed();
    const bool isRepeated =
        QString::fromStdString(error.message).contains(detail, Qt::CaseInsensitive);
    return isRepeated || detail.startsWith(u'<') ? QString() : detail;
}

StreamProblem reasonOf(const Error &error, int status)
{
    const bool isRefused = status == 401 || status == 403;
    if (isRefused)
        return {u"The agent refuses the credentials"_s,
                {},
                u"Set a password or headers for this stream under logs in trendscope.yml."_s};
    if (status == 404)
        return {
            u"There is no log stream at this address"_s,
            {},
            u"Check the address, and that log_stream is on in the configuration of the agent."_s};
    if (status == 400)
        return {u"The agent refuses the parameters of the address"_s,
                {},
                u"Check what stands behind the question mark."_s};
    if (status == 429 || status == 503)
        return {u"The agent takes no other stream at the moment"_s, {}, {}};
    if (error.kind == Kind::BadResponse)
        return {u"The answer is no log stream"_s,
                {},
                u"Check that the address is that of an agent, and that its version fits."_s};
    if (error.kind == Kind::Invalid)
        return {u"The address makes no sense"_s, {}, u"Check how it is written."_s};
    return {u"The agent does not answer"_s,
            {},
            u"Check that it runs, and that its port can be reached from here."_s};
}

StreamProblem reasonOf(Obstacle obstacle)
{
    if (obstacle == Obstacle::UnknownHost)
        return {u"The name of the host is not known"_s,
                {},
                u"Check how the address is written, and that the name can be resolved here."_s};
    return {u"The certificate of the agent is not trusted"_s,
            {},
            u"Check that it is valid for this host, and that its authority is known here."_s};
}

} // namespace

StreamProblem streamProblem(const Error &error, int status, Obstacle obstacle)
{
    StreamProblem problem =
        obstacle == Obstacle::None ? reasonOf(error, status) : reasonOf(obstacle);
    problem.text = oneLine(error.message);
    if (const QString detail = detailOf(error); !detail.isEmpty())
        problem.text += u": "_s + detail;
    return problem;
}

} // namespace trendscope::ui
