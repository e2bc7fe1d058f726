#pragma once

#include "core/observability/redaction.h"

#include <string>
#include <string_view>

namespace trendscope::observability {

/// What a field's key comes to. Remembered by the redactor for keys of usual length.
class KeyText {
public:
    struct Form {
        bool isSecret = false;
        std::string json = {}; ///< with quotes and colon
    };

    KeyText(std::string_view key, const Redactor &redactor);
    KeyText(const KeyText &) = delete;
    KeyText &operator=(const KeyText &) = delete;

    const Form &form() const { return *m_form; }

private:
    Form m_own;
    const Form *m_form;
};

} // namespace trendscope::observability
