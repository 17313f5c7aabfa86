import { addCommand, type Group } from '../command.js';
import { intakeOptions, sendFile, type IntakeOptions } from '../intake/command.js';
import { recordDoor } from '../intake/door.js';
import { RECORD_CLASSES } from '../intake/input-class.js';
import { option } from '../words.js';

interface SubmitOptions extends IntakeOptions {
  readonly kind?: string;
}

/** `submit FILE`: licences, filings, inspections or penalties from CSV, XLSX or NDJSON (R49). */
export const submit: Group = (program) => {
  addCommand<SubmitOptions>(program, {
    name: 'submit',
    zh: '报送许可、备案、检查或处罚:读 CSV、XLSX 或 NDJSON 文件',
    en: 'sends licences, filings, inspections or penalties from a CSV, XLSX or NDJSON file',
    arguments: [
      { name: '<file>', zh: '文件,每个文件一类记录', en: 'file with records of one class' },
    ],
    options: [
      option(
        '--kind <class>',
        '记录类别,默认由表头判断',
        'class of the records; told by the headings by default',
      ).choices(RECORD_CLASSES.map(({ name }) => name)),
      ...intakeOptions(),
    ],
    run: (call) => {
      const { kind } = call.options;
      const classes = RECORD_CLASSES.filter(({ name }) => kind === undefined || kind === name);
      return sendFile(call, classes, recordDoor);
    },
  });
};
