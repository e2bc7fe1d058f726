#include "ui/shell/complaint.h"

#include <QTextStream>

namespace trendscope::ui {

void complain(const Error &error)
{
    QTextStream out(stderr);
    out << "trendscope: " << QString::fromStdString(error.message) << Qt::endl;
    if (!error.detail.empty())
        out << QString::fromStdString(error.detail) << Qt::endl;
}

} // namespace trendscope::ui
