#include "core/exporter/shared_family_p.h"

namespace trendscope::exporter {

void appendKey(std::string &key, observability::Family::LabelSpan labels)
{
    for (const std::string_view label : labels)
        key.append(std::to_string(label.size())).append(1, ':').append(label);
}

const std::string &SharedFamily::keyOf(LabelSpan labels)
{
    m_key.clear();
    appendKey(m_key, labels);
    return m_key;
}

void SharedFamily::claim(LabelSpan labels)
{
    const std::string &key = keyOf(labels);
    if (m_claims.contains(key))
        return;
    // One that is refused is not kept: whoever sends the labels decides how many there are.
    if (auto claim = m_family.claim(labels))
        m_claims.emplace(key, std::move(claim));
}

void SharedFamily::remove(LabelValues labels)
{
    m_claims.erase(keyOf(labels));
}

} // namespace trendscope::exporter
