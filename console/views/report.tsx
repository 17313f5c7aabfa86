import type { GetExchangeReportResponse } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { ViewProps } from '../app.js';
import { useAnswer } from '../hub/asking.js';
import { useHub } from '../hub/hub.js';
import { TextField } from '../parts/fields.js';
import { Shown } from '../parts/shown.js';
import { Filters, ViewPage } from '../parts/view.js';
import { useWords } from '../words/language.js';
import { dayAgo } from '../words/moments.js';
import { Plots } from './report-plots.js';
import {
  Awaited,
  Defects,
  Departments,
  Destinations,
  Intake,
  LatePublications,
  Refusals,
  Silent,
} from './report-tables.js';

/** Days that are shown when none are asked for, and departments' days read at most. */
const PRESET = { days: 6, rows: 1_000 };

/** 交换报表: what came, went, was refused and was held back, in plots and figures. */
export function ReportView({ asked }: ViewProps) {
  const words = useWords();
  const { report: names } = words;
  const { dataCenter } = useHub();
  const { from = dayAgo(PRESET.days), until = dayAgo(0), department = '' } = asked;
  const report = useAnswer(
    (signal) =>
      dataCenter.getExchangeReport(
        {
          fromDate: from,
          toDate: until,
          receivingDeptCode: department,
          pageSize: PRESET.rows,
        },
        { signal },
      ),
    `${from} ${until} ${department}`,
  );
  return (
    <ViewPage view="report" lead={names.lead}>
      <Filters view="report" asked={asked} again={report.again}>
        <TextField name="from" type="date" label={words.from} value={from} required />
        <TextField name="until" type="date" label={words.until} value={until} required />
        <TextField
          name="department"
          label={names.dept}
          hint={names.deptHint}
          value={department}
          max={18}
        />
      </Filters>
      <Shown of={report}>
        {(answer) => (
          <>
            {department === '' && <Leak of={answer} />}
            <Plots of={answer} />
            {department === '' && (
              <>
                <Intake of={answer} />
                <Destinations of={answer} />
                <Refusals of={answer} />
              </>
            )}
            <Departments of={answer} />
            <Defects of={answer} />
            {department === '' && (
              <>
                <Awaited of={answer} />
                <LatePublications of={answer} />
                <Silent of={answer} />
              </>
            )}
          </>
        )}
      </Shown>
    </ViewPage>
  );
}

/** R55: anything but none is an alarm. */
function Leak({ of: { nonPublicGoneUp: count } }: { of: GetExchangeReportResponse }) {
  const { report: names } = useWords();
  return count === 0n ? (
    <p class="notice">
      {names.leak} {names.leakNone}
    </p>
  ) : (
    <p class="failure" role="alert">
      {names.leak} {names.leakAlarm(String(count))}
    </p>
  );
}
