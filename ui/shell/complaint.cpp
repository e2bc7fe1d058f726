#include "ui/shell/complaint.h"

#include <QString>
#include <QTextStream>

namespace trendscope::ui {

using namespace Qt::StringLiterals;

void complain(const Error &error)
{
    QString text = u"trendscope: "_s + QString::fromStdString(error.message) + u'\n';
    if (!error.detail.empty())
        text += QString::fromStdString(error.detail) + u'\n';
    QTextStream(stderr) << text << Qt::flush;
}

} // namespace trendscope::ui
