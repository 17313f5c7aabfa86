import { error, warning, type FindingText } from '../finding-text.js';

/** Findings about one field by itself: presence, length, form, code list, date (R51, VR8–VR10). */
export const FIELD_TEXTS = {
  REQUIRED: error(
    'R51',
    '{label}没有填写。请补填后重新报送。',
    '{label} is missing. Fill it in and send the message again.',
  ),
  TOO_LONG: error(
    'R51',
    '{label}有{length}个字符，最多{max}个。请缩短，并检查是否填入了其他字段的内容。',
    '{label} has {length} characters, {max} are allowed. Shorten it, and check that it is not the content of another field.',
  ),
  TOO_MANY: error(
    'R51',
    '{label}有{length}项，最多{max}项；超出部分没有校验。请核对后减少，确有需要的请联系本级数据中心。',
    '{label} has {length} entries, {max} are allowed; those beyond were not checked. Reduce them, or turn to the data centre of this level.',
  ),
  CODE_FORMAT: error(
    'VR10',
    '{label}“{value}”格式不符，应为{shape}。请按数据标准改正。',
    '{label} "{value}" has the wrong form; expected {shape}. Correct it according to the data standard.',
  ),
  CODE_UNKNOWN: error(
    'VR10',
    '{label}“{value}”不在代码表中。请改为代码表所列的代码。',
    '{label} "{value}" is not in the code list. Use a code of the list.',
  ),
  CODE_NOT_LISTED: warning(
    'VR10',
    '{label}“{value}”不在本节点的代码表中；该代码表不是全国现行的官方代码，予以接收。请核对代码，无误的不必更改。',
    '{label} "{value}" is not in the code list of this node, which is no official list in force; accepted. Check the code; nothing is to be done if it is right.',
  ),
  CODE_DUPLICATE: warning(
    'VR10',
    '代码“{value}”重复填写。请只保留一个。',
    'The code "{value}" occurs twice. Keep one of them.',
  ),
  NEGATIVE_AMOUNT: error(
    'R51',
    '{label}不能为负数。请核对金额，单位为分。',
    '{label} must not be negative. Check the amount; its unit is 分 (0.01 yuan).',
  ),
  DATE_FORMAT: error(
    'VR8',
    '{label}“{value}”不是有效日期。请按 YYYY-MM-DD 填写真实存在的日期。',
    '{label} "{value}" is not a date. Write a real date as YYYY-MM-DD.',
  ),
  DATE_IN_FUTURE: error(
    'VR8',
    '{label}“{value}”晚于今天({today})。请核对日期，或待该日到来后再报送。',
    '{label} "{value}" is after today ({today}). Check the date, or send the message when the day has come.',
  ),
  DATE_PLACEHOLDER: error(
    'VR9',
    '{label}填的是系统默认值“{value}”，不是真实日期。请填写实际日期。',
    '{label} holds the default value "{value}" of a system, not a real date. Enter the real one.',
  ),
  DATE_PLACEHOLDER_IGNORED: warning(
    'VR9',
    '{label}填的是系统默认值“{value}”，按没有填写处理。没有日期时请留空。',
    '{label} holds the default value "{value}" of a system and counts as not given. Leave it empty when there is no date.',
  ),
  LONG_TERM_SENTINEL: warning(
    'VR9',
    '{label}“{value}”按长期处理。请改用长期标记，日期留空。',
    '{label} "{value}" is read as "without end". Set the long-term mark and leave the date empty.',
  ),
  LONG_TERM_WITH_END: warning(
    'VR9',
    '已标记长期，又填写了截止日期“{value}”。请只保留一项。',
    'Marked as without end, and yet an end date "{value}" is given. Keep only one of them.',
  ),
  NUMBER_PLACEHOLDER: error(
    'VR6',
    '{label}填的是“无”“-”“/”一类的占位内容。请填写真实编号；确无编号的，按数据标准处理。',
    '{label} holds a placeholder such as 无, - or /. Enter the real number; where there is none, follow the data standard.',
  ),
} as const satisfies Record<string, FindingText>;

/** Findings about free text (VR27, VR28). The text itself is never quoted. */
export const HYGIENE_TEXTS = {
  TEXT_CONTROL_CHARACTER: error(
    'VR27',
    '{label}第{position}个字符是控制字符。请删除不可见的控制字符后重新报送。',
    'Character {position} of {label} is a control character. Remove it and send again.',
  ),
  TEXT_REPLACEMENT_CHARACTER: error(
    'VR27',
    '{label}第{position}个字符处有无法识别的字符(U+FFFD)，原文已丢失。请从源系统以 UTF-8 重新导出。',
    'Character {position} of {label} is U+FFFD: the original is lost. Export it again from the source as UTF-8.',
  ),
  TEXT_MOJIBAKE: error(
    'VR27',
    '{label}从第{position}个字符起像是乱码。请检查源系统的字符集，以 UTF-8 重新导出。',
    '{label} looks garbled from character {position} on. Check the character set of the source and export as UTF-8.',
  ),
  TEXT_LONE_SURROGATE: error(
    'VR27',
    '{label}第{position}个字符是不完整的字符。请检查截断处，重新导出。',
    'Character {position} of {label} is half of a character. Check where the text was cut and export it again.',
  ),
  TEXT_HTML_TAG: error(
    'VR27',
    '{label}从第{position}个字符起含有网页标记。请只填写纯文本。',
    '{label} holds web page markup from character {position} on. Send plain text only.',
  ),
  TEXT_HTML_ENTITY: warning(
    'VR27',
    '{label}第{position}个字符处有网页转义符。请还原为原来的字符。',
    '{label} holds a web page escape at character {position}. Restore the original character.',
  ),
  TEXT_EXCEL_ERROR: warning(
    'VR27',
    '{label}第{position}个字符处有电子表格的错误值(如 #N/A)。请填写实际内容。',
    '{label} holds a spreadsheet error value (such as #N/A) at character {position}. Enter the real content.',
  ),
  TEXT_EXCEL_NUMBER: warning(
    'VR27',
    '{label}第{position}个字符处的数字像是被电子表格改成了科学计数法。请将单元格设为文本后重新导出。',
    'A number at character {position} of {label} looks turned into scientific notation by a spreadsheet. Format the cell as text and export again.',
  ),
  TEXT_EXCEL_APOSTROPHE: warning(
    'VR27',
    '{label}开头有电子表格的文本标记(撇号)。请删除。',
    '{label} begins with the text mark (apostrophe) of a spreadsheet. Remove it.',
  ),
  TEXT_BIDI_CONTROL: error(
    'VR27',
    '{label}第{position}个字符是改变文字方向的控制字符。请删除。',
    'Character {position} of {label} changes the direction of the text. Remove it.',
  ),
  TEXT_INVISIBLE_CHARACTER: warning(
    'VR27',
    '{label}第{position}个字符是不可见字符。请删除，以免影响比对。',
    'Character {position} of {label} is invisible. Remove it, it spoils comparisons.',
  ),
  TEXT_FULL_WIDTH: warning(
    'VR27',
    '{label}含有全角数字、字母或空格，比对时按半角处理。请改为半角。',
    '{label} holds full-width digits, letters or spaces; they are compared as half width. Use half width.',
  ),
  PERSONAL_ID_NUMBER: warning(
    'VR28',
    '{label}第{position}个字符起含有公民身份号码，公示前会遮盖。请删除身份号码。',
    '{label} holds a citizen identity number at character {position}; it is masked before publication. Remove the number.',
  ),
  PERSONAL_PHONE_NUMBER: warning(
    'VR28',
    '{label}第{position}个字符起含有手机号码，公示前会遮盖。非必要请删除。',
    '{label} holds a mobile phone number at character {position}; it is masked before publication. Remove it unless it is needed.',
  ),
} as const satisfies Record<string, FindingText>;
