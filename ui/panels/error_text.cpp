#include "ui/panels/error_text.h"

namespace trendscope::ui {

using namespace Qt::StringLiterals;

QString remedyFor(Error::Kind kind)
{
    switch (kind) {
    case Error::Kind::BadData:
    case Error::Kind::Execution:
        return u"Check the query of this panel."_s;
    case Error::Kind::Timeout:
        return u"Try a shorter time range, or look at the load of the server. It is asked again by itself."_s;
    case Error::Kind::Unauthorized:
        return u"Check user, password and headers of the server."_s;
    case Error::Kind::BadResponse:
        return u"Check that the address is that of a Prometheus, not of a proxy's page. It is asked again by itself."_s;
    case Error::Kind::Network:
    case Error::Kind::Unavailable:
    case Error::Kind::Canceled:
        return u"Check that the server runs and can be reached. It is asked again by itself."_s;
    case Error::Kind::NotFound:
    case Error::Kind::Invalid:
    case Error::Kind::System:
        break;
    }
    return {};
}

} // namespace trendscope::ui
