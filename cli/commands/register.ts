import { addCommand, type Group } from '../command.js';
import { intakeOptions, sendFile, type IntakeOptions } from '../intake/command.js';
import { registrationDoor } from '../intake/door.js';
import { REGISTRATIONS } from '../intake/input-class.js';

/** `register FILE`: registrations from CSV, XLSX or NDJSON (R34). */
export const register: Group = (program) => {
  addCommand<IntakeOptions>(program, {
    name: 'register',
    zh: '报送登记:读 CSV、XLSX 或 NDJSON 文件',
    en: 'sends registrations from a CSV, XLSX or NDJSON file',
    arguments: [
      {
        name: '<file>',
        zh: '文件,列名见数据项字典',
        en: 'file with the columns of the field dictionary',
      },
    ],
    options: intakeOptions(),
    run: (call) => sendFile(call, [REGISTRATIONS], registrationDoor),
  });
};
