// #embed puts each file into the binary as it is; a file that is not listed here does not exist for the server.
#include "assets.h"

static const unsigned char templates_account_mustache[] = {
#embed "templates/account.mustache"
};
static const unsigned char templates_add_pages_mustache[] = {
#embed "templates/add_pages.mustache"
};
static const unsigned char templates_add_worker_mustache[] = {
#embed "templates/add_worker.mustache"
};
static const unsigned char templates_added_mustache[] = {
#embed "templates/added.mustache"
};
static const unsigned char templates_apply_template_mustache[] = {
#embed "templates/apply_template.mustache"
};
static const unsigned char templates_audit_mustache[] = {
#embed "templates/audit.mustache"
};
static const unsigned char templates_browser_mustache[] = {
#embed "templates/browser.mustache"
};
static const unsigned char templates_choose_model_mustache[] = {
#embed "templates/choose_model.mustache"
};
static const unsigned char templates_choose_model_dialog_mustache[] = {
#embed "templates/choose_model_dialog.mustache"
};
static const unsigned char templates_configure_run_mustache[] = {
#embed "templates/configure_run.mustache"
};
static const unsigned char templates_contents_mustache[] = {
#embed "templates/contents.mustache"
};
static const unsigned char templates_dataset_mustache[] = {
#embed "templates/dataset.mustache"
};
static const unsigned char templates_datasets_mustache[] = {
#embed "templates/datasets.mustache"
};
static const unsigned char templates_delete_results_mustache[] = {
#embed "templates/delete_results.mustache"
};
static const unsigned char templates_deleted_mustache[] = {
#embed "templates/deleted.mustache"
};
static const unsigned char templates_deletions_mustache[] = {
#embed "templates/deletions.mustache"
};
static const unsigned char templates_edit_element_mustache[] = {
#embed "templates/edit_element.mustache"
};
static const unsigned char templates_edit_process_mustache[] = {
#embed "templates/edit_process.mustache"
};
static const unsigned char templates_element_mustache[] = {
#embed "templates/element.mustache"
};
static const unsigned char templates_error_mustache[] = {
#embed "templates/error.mustache"
};
static const unsigned char templates_exports_mustache[] = {
#embed "templates/exports.mustache"
};
static const unsigned char templates_field_mustache[] = {
#embed "templates/field.mustache"
};
static const unsigned char templates_filter_mustache[] = {
#embed "templates/filter.mustache"
};
static const unsigned char templates_found_mustache[] = {
#embed "templates/found.mustache"
};
static const unsigned char templates_group_mustache[] = {
#embed "templates/group.mustache"
};
static const unsigned char templates_groups_mustache[] = {
#embed "templates/groups.mustache"
};
static const unsigned char templates_hand_mustache[] = {
#embed "templates/hand.mustache"
};
static const unsigned char templates_in_panel_mustache[] = {
#embed "templates/in_panel.mustache"
};
static const unsigned char templates_input_mustache[] = {
#embed "templates/input.mustache"
};
static const unsigned char templates_jobs_mustache[] = {
#embed "templates/jobs.mustache"
};
static const unsigned char templates_layout_mustache[] = {
#embed "templates/layout.mustache"
};
static const unsigned char templates_login_mustache[] = {
#embed "templates/login.mustache"
};
static const unsigned char templates_members_mustache[] = {
#embed "templates/members.mustache"
};
static const unsigned char templates_model_mustache[] = {
#embed "templates/model.mustache"
};
static const unsigned char templates_model_choice_mustache[] = {
#embed "templates/model_choice.mustache"
};
static const unsigned char templates_models_mustache[] = {
#embed "templates/models.mustache"
};
static const unsigned char templates_new_process_mustache[] = {
#embed "templates/new_process.mustache"
};
static const unsigned char templates_order_choice_mustache[] = {
#embed "templates/order_choice.mustache"
};
static const unsigned char templates_order_run_mustache[] = {
#embed "templates/order_run.mustache"
};
static const unsigned char templates_order_run_dialog_mustache[] = {
#embed "templates/order_run_dialog.mustache"
};
static const unsigned char templates_pager_mustache[] = {
#embed "templates/pager.mustache"
};
static const unsigned char templates_people_tabs_mustache[] = {
#embed "templates/people_tabs.mustache"
};
static const unsigned char templates_problem_mustache[] = {
#embed "templates/problem.mustache"
};
static const unsigned char templates_process_mustache[] = {
#embed "templates/process.mustache"
};
static const unsigned char templates_processes_mustache[] = {
#embed "templates/processes.mustache"
};
static const unsigned char templates_projects_mustache[] = {
#embed "templates/projects.mustache"
};
static const unsigned char templates_roster_mustache[] = {
#embed "templates/roster.mustache"
};
static const unsigned char templates_results_mustache[] = {
#embed "templates/results.mustache"
};
static const unsigned char templates_runs_mustache[] = {
#embed "templates/runs.mustache"
};
static const unsigned char templates_run_mustache[] = {
#embed "templates/run.mustache"
};
static const unsigned char templates_run_details_mustache[] = {
#embed "templates/run_details.mustache"
};
static const unsigned char templates_run_dialog_mustache[] = {
#embed "templates/run_dialog.mustache"
};
static const unsigned char templates_sent_mustache[] = {
#embed "templates/sent.mustache"
};
static const unsigned char templates_settings_mustache[] = {
#embed "templates/settings.mustache"
};
static const unsigned char templates_selection_mustache[] = {
#embed "templates/selection.mustache"
};
static const unsigned char templates_summary_mustache[] = {
#embed "templates/summary.mustache"
};
static const unsigned char templates_tally_mustache[] = {
#embed "templates/tally.mustache"
};
static const unsigned char templates_task_mustache[] = {
#embed "templates/task.mustache"
};
static const unsigned char templates_templates_mustache[] = {
#embed "templates/templates.mustache"
};
static const unsigned char templates_users_mustache[] = {
#embed "templates/users.mustache"
};
static const unsigned char templates_worker_mustache[] = {
#embed "templates/worker.mustache"
};
static const unsigned char templates_workers_mustache[] = {
#embed "templates/workers.mustache"
};
static const unsigned char words_en_json[] = {
#embed "words/en.json"
};
static const unsigned char style_css[] = {
#embed "style.css"
};
static const unsigned char site_js[] = {
#embed "site.js"
};
static const unsigned char forms_js[] = {
#embed "forms.js"
};
static const unsigned char follow_js[] = {
#embed "follow.js"
};
static const unsigned char files_js[] = {
#embed "files.js"
};
static const unsigned char viewer_js[] = {
#embed "viewer.js"
};
static const unsigned char icon_svg[] = {
#embed "icon.svg"
};
static const unsigned char vendor_htmx_min_js[] = {
#embed "vendor/htmx.min.js"
};
static const unsigned char vendor_leaflet_css[] = {
#embed "vendor/leaflet.css"
};
static const unsigned char vendor_leaflet_min_js_gz[] = {
#embed "vendor/leaflet.min.js.gz"
};

static const asset_file files[] = {
    {"templates/account.mustache", templates_account_mustache, sizeof templates_account_mustache},
    {"templates/add_pages.mustache", templates_add_pages_mustache, sizeof templates_add_pages_mustache},
    {"templates/add_worker.mustache", templates_add_worker_mustache, sizeof templates_add_worker_mustache},
    {"templates/added.mustache", templates_added_mustache, sizeof templates_added_mustache},
    {"templates/apply_template.mustache", templates_apply_template_mustache, sizeof templates_apply_template_mustache},
    {"templates/audit.mustache", templates_audit_mustache, sizeof templates_audit_mustache},
    {"templates/browser.mustache", templates_browser_mustache, sizeof templates_browser_mustache},
    {"templates/choose_model.mustache", templates_choose_model_mustache, sizeof templates_choose_model_mustache},
    {"templates/choose_model_dialog.mustache", templates_choose_model_dialog_mustache, sizeof templates_choose_model_dialog_mustache},
    {"templates/configure_run.mustache", templates_configure_run_mustache, sizeof templates_configure_run_mustache},
    {"templates/contents.mustache", templates_contents_mustache, sizeof templates_contents_mustache},
    {"templates/dataset.mustache", templates_dataset_mustache, sizeof templates_dataset_mustache},
    {"templates/datasets.mustache", templates_datasets_mustache, sizeof templates_datasets_mustache},
    {"templates/delete_results.mustache", templates_delete_results_mustache, sizeof templates_delete_results_mustache},
    {"templates/deleted.mustache", templates_deleted_mustache, sizeof templates_deleted_mustache},
    {"templates/deletions.mustache", templates_deletions_mustache, sizeof templates_deletions_mustache},
    {"templates/edit_element.mustache", templates_edit_element_mustache, sizeof templates_edit_element_mustache},
    {"templates/edit_process.mustache", templates_edit_process_mustache, sizeof templates_edit_process_mustache},
    {"templates/element.mustache", templates_element_mustache, sizeof templates_element_mustache},
    {"templates/error.mustache", templates_error_mustache, sizeof templates_error_mustache},
    {"templates/exports.mustache", templates_exports_mustache, sizeof templates_exports_mustache},
    {"templates/field.mustache", templates_field_mustache, sizeof templates_field_mustache},
    {"templates/filter.mustache", templates_filter_mustache, sizeof templates_filter_mustache},
    {"templates/found.mustache", templates_found_mustache, sizeof templates_found_mustache},
    {"templates/group.mustache", templates_group_mustache, sizeof templates_group_mustache},
    {"templates/groups.mustache", templates_groups_mustache, sizeof templates_groups_mustache},
    {"templates/hand.mustache", templates_hand_mustache, sizeof templates_hand_mustache},
    {"templates/in_panel.mustache", templates_in_panel_mustache, sizeof templates_in_panel_mustache},
    {"templates/input.mustache", templates_input_mustache, sizeof templates_input_mustache},
    {"templates/jobs.mustache", templates_jobs_mustache, sizeof templates_jobs_mustache},
    {"templates/layout.mustache", templates_layout_mustache, sizeof templates_layout_mustache},
    {"templates/login.mustache", templates_login_mustache, sizeof templates_login_mustache},
    {"templates/members.mustache", templates_members_mustache, sizeof templates_members_mustache},
    {"templates/model.mustache", templates_model_mustache, sizeof templates_model_mustache},
    {"templates/model_choice.mustache", templates_model_choice_mustache, sizeof templates_model_choice_mustache},
    {"templates/models.mustache", templates_models_mustache, sizeof templates_models_mustache},
    {"templates/new_process.mustache", templates_new_process_mustache, sizeof templates_new_process_mustache},
    {"templates/order_choice.mustache", templates_order_choice_mustache, sizeof templates_order_choice_mustache},
    {"templates/order_run.mustache", templates_order_run_mustache, sizeof templates_order_run_mustache},
    {"templates/order_run_dialog.mustache", templates_order_run_dialog_mustache, sizeof templates_order_run_dialog_mustache},
    {"templates/pager.mustache", templates_pager_mustache, sizeof templates_pager_mustache},
    {"templates/people_tabs.mustache", templates_people_tabs_mustache, sizeof templates_people_tabs_mustache},
    {"templates/problem.mustache", templates_problem_mustache, sizeof templates_problem_mustache},
    {"templates/process.mustache", templates_process_mustache, sizeof templates_process_mustache},
    {"templates/processes.mustache", templates_processes_mustache, sizeof templates_processes_mustache},
    {"templates/projects.mustache", templates_projects_mustache, sizeof templates_projects_mustache},
    {"templates/results.mustache", templates_results_mustache, sizeof templates_results_mustache},
    {"templates/roster.mustache", templates_roster_mustache, sizeof templates_roster_mustache},
    {"templates/runs.mustache", templates_runs_mustache, sizeof templates_runs_mustache},
    {"templates/run.mustache", templates_run_mustache, sizeof templates_run_mustache},
    {"templates/run_details.mustache", templates_run_details_mustache, sizeof templates_run_details_mustache},
    {"templates/run_dialog.mustache", templates_run_dialog_mustache, sizeof templates_run_dialog_mustache},
    {"templates/selection.mustache", templates_selection_mustache, sizeof templates_selection_mustache},
    {"templates/sent.mustache", templates_sent_mustache, sizeof templates_sent_mustache},
    {"templates/settings.mustache", templates_settings_mustache, sizeof templates_settings_mustache},
    {"templates/summary.mustache", templates_summary_mustache, sizeof templates_summary_mustache},
    {"templates/tally.mustache", templates_tally_mustache, sizeof templates_tally_mustache},
    {"templates/task.mustache", templates_task_mustache, sizeof templates_task_mustache},
    {"templates/templates.mustache", templates_templates_mustache, sizeof templates_templates_mustache},
    {"templates/users.mustache", templates_users_mustache, sizeof templates_users_mustache},
    {"templates/worker.mustache", templates_worker_mustache, sizeof templates_worker_mustache},
    {"templates/workers.mustache", templates_workers_mustache, sizeof templates_workers_mustache},
    {"words/en.json", words_en_json, sizeof words_en_json},
    {"style.css", style_css, sizeof style_css},
    {"site.js", site_js, sizeof site_js},
    {"forms.js", forms_js, sizeof forms_js},
    {"follow.js", follow_js, sizeof follow_js},
    {"files.js", files_js, sizeof files_js},
    {"viewer.js", viewer_js, sizeof viewer_js},
    {"icon.svg", icon_svg, sizeof icon_svg},
    {"vendor/htmx.min.js", vendor_htmx_min_js, sizeof vendor_htmx_min_js},
    {"vendor/leaflet.css", vendor_leaflet_css, sizeof vendor_leaflet_css},
    {"vendor/leaflet.min.js.gz", vendor_leaflet_min_js_gz, sizeof vendor_leaflet_min_js_gz},
};

size_t asset_count(void) { return sizeof files / sizeof files[0]; }

asset_file asset_file_at(size_t index) { return files[index]; }
