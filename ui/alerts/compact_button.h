#pragma once

#include "ui/theme/theme.h"

#include <QPushButton>

namespace trendscope::ui {

/// A button low enough for a one-line strip. A quiet one has no border until it is pointed at or
/// focused.
class CompactButton final : public QPushButton {
    Q_OBJECT

public:
    enum class Look { Framed, Quiet };

    CompactButton(const QString &text, Look look, const Theme &theme, QWidget *parent = nullptr);

protected:
    void changeEvent(QEvent *event) override;

private:
    void dress();

    const Theme &m_theme;
    Look m_look;
};

} // namespace trendscope::ui
