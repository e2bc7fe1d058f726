#pragma once

#include "ui/theme/theme.h"

#include <QStringList>
#include <QWidget>

class QPainter;

namespace trendscope::ui {

inline constexpr int chipHeight = 20;

/// The width that `text` wants as a chip, never more than `limit`.
int chipWidth(const QString &text, int limit);

/// Paints a label in a box; elides what does not fit. `box` is chipHeight high.
void paintChip(QPainter &painter, const QRect &box, const QString &text, const Theme &theme);

/// Labels as chips, flowing over as many lines as they need.
class ChipFlow final : public QWidget {
    Q_OBJECT

public:
    explicit ChipFlow(const Theme &theme, QWidget *parent = nullptr);

    void setChips(const QStringList &chips);

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    std::vector<QRect> boxes(int width) const;

    const Theme &m_theme;
    QStringList m_chips;
};

} // namespace trendscope::ui
