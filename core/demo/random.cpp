#include "core/demo/random.h"

#include <cmath>

namespace trendscope::demo {

std::int64_t Random::poisson(double mean)
{
    if (!(mean > 0))
        return 0;
    return std::poisson_distribution<std::int64_t>(mean)(m_engine);
}

double Random::normal()
{
    return m_normal(m_engine);
}

double Random::uniform(double low, double high)
{
    return std::uniform_real_distribution<double>(low, high)(m_engine);
}

double Random::logNormal(double median, double spread)
{
    return median * std::exp(spread * normal());
}

double Wander::advance(Random &random, double spanSeconds)
{
    const double kept = std::exp(-spanSeconds / m_memory);
    m_value = m_value * kept + m_deviation * std::sqrt(1 - kept * kept) * random.normal();
    return m_value;
}

} // namespace trendscope::demo
