// #embed puts each file into the binary as it is; a file that is not listed here does not exist for the server.
#include "schema.h"

static const unsigned char migrations_0001_identity[] = {
#embed "migrations/0001_identity.sql"
};
static const unsigned char migrations_0002_workers[] = {
#embed "migrations/0002_workers.sql"
};
static const unsigned char migrations_0003_corpora[] = {
#embed "migrations/0003_corpora.sql"
};
static const unsigned char migrations_0004_processes[] = {
#embed "migrations/0004_processes.sql"
};
static const unsigned char migrations_0005_results[] = {
#embed "migrations/0005_results.sql"
};
static const unsigned char migrations_0006_deletions[] = {
#embed "migrations/0006_deletions.sql"
};
static const unsigned char migrations_0007_files[] = {
#embed "migrations/0007_files.sql"
};
static const unsigned char migrations_0008_images[] = {
#embed "migrations/0008_images.sql"
};
static const unsigned char migrations_0010_models[] = {
#embed "migrations/0010_models.sql"
};
static const unsigned char migrations_0011_configurations[] = {
#embed "migrations/0011_configurations.sql"
};
static const unsigned char migrations_0012_processes[] = {
#embed "migrations/0012_processes.sql"
};
static const unsigned char migrations_0013_jobs[] = {
#embed "migrations/0013_jobs.sql"
};
static const unsigned char migrations_0014_taking_back[] = {
#embed "migrations/0014_taking_back.sql"
};
static const unsigned char migrations_0015_purge[] = {
#embed "migrations/0015_purge.sql"
};
static const unsigned char migrations_0016_embeddings[] = {
#embed "migrations/0016_embeddings.sql"
};
static const unsigned char migrations_0017_agents[] = {
#embed "migrations/0017_agents.sql"
};
static const unsigned char migrations_0019_datasets[] = {
#embed "migrations/0019_datasets.sql"
};
static const unsigned char migrations_0020_archives_and_artifacts[] = {
#embed "migrations/0020_archives_and_artifacts.sql"
};
static const unsigned char migrations_0021_exports[] = {
#embed "migrations/0021_exports.sql"
};
static const unsigned char migrations_0024_memberships[] = {
#embed "migrations/0024_memberships.sql"
};
static const unsigned char migrations_0030_images_elsewhere[] = {
#embed "migrations/0030_images_elsewhere.sql"
};
static const unsigned char migrations_0035_parts[] = {
#embed "migrations/0035_parts.sql"
};
static const unsigned char migrations_0036_job_changes[] = {
#embed "migrations/0036_job_changes.sql"
};
static const unsigned char migrations_0037_marking[] = {
#embed "migrations/0037_marking.sql"
};
static const unsigned char migrations_0045_secrets[] = {
#embed "migrations/0045_secrets.sql"
};
static const unsigned char migrations_0046_lists[] = {
#embed "migrations/0046_lists.sql"
};
static const unsigned char migrations_0050_splitting[] = {
#embed "migrations/0050_splitting.sql"
};
static const unsigned char migrations_0055_turns_of_jobs[] = {
#embed "migrations/0055_turns_of_jobs.sql"
};
static const unsigned char migrations_0060_marks[] = {
#embed "migrations/0060_marks.sql"
};
static const unsigned char migrations_0061_taken_marks[] = {
#embed "migrations/0061_taken_marks.sql"
};
static const unsigned char migrations_0062_functions_of_processes[] = {
#embed "migrations/0062_functions_of_processes.sql"
};
static const unsigned char functions_settings[] = {
#embed "functions/settings.sql"
};
static const unsigned char functions_refuse[] = {
#embed "functions/refuse.sql"
};
static const unsigned char functions_folding[] = {
#embed "functions/folding.sql"
};
static const unsigned char functions_audit[] = {
#embed "functions/audit.sql"
};
static const unsigned char functions_capabilities[] = {
#embed "functions/capabilities.sql"
};
static const unsigned char functions_files[] = {
#embed "functions/files.sql"
};
static const unsigned char functions_uuid7[] = {
#embed "functions/uuid7.sql"
};
static const unsigned char functions_body[] = {
#embed "functions/body.sql"
};
static const unsigned char functions_access[] = {
#embed "functions/access.sql"
};
static const unsigned char functions_memberships[] = {
#embed "functions/memberships.sql"
};
static const unsigned char functions_users[] = {
#embed "functions/users.sql"
};
static const unsigned char functions_definer[] = {
#embed "functions/definer.sql"
};
static const unsigned char functions_configurations[] = {
#embed "functions/configurations.sql"
};
static const unsigned char functions_enter[] = {
#embed "functions/enter.sql"
};
static const unsigned char functions_marks[] = {
#embed "functions/marks.sql"
};
static const unsigned char functions_jobs[] = {
#embed "functions/jobs.sql"
};
static const unsigned char functions_publishing[] = {
#embed "functions/publishing.sql"
};
static const unsigned char functions_elements[] = {
#embed "functions/elements.sql"
};
static const unsigned char functions_results[] = {
#embed "functions/results.sql"
};
static const unsigned char functions_datasets[] = {
#embed "functions/datasets.sql"
};
static const unsigned char functions_editing[] = {
#embed "functions/editing.sql"
};
static const unsigned char functions_embeddings[] = {
#embed "functions/embeddings.sql"
};
static const unsigned char functions_hierarchy[] = {
#embed "functions/hierarchy.sql"
};
static const unsigned char functions_deletions[] = {
#embed "functions/deletions.sql"
};
static const unsigned char functions_purge[] = {
#embed "functions/purge.sql"
};
static const unsigned char functions_workers[] = {
#embed "functions/workers.sql"
};
static const unsigned char functions_models[] = {
#embed "functions/models.sql"
};
static const unsigned char functions_images[] = {
#embed "functions/images.sql"
};
static const unsigned char functions_runs[] = {
#embed "functions/runs.sql"
};
static const unsigned char functions_secrets[] = {
#embed "functions/secrets.sql"
};
static const unsigned char functions_results_of_parts[] = {
#embed "functions/results_of_parts.sql"
};
static const unsigned char functions_templates[] = {
#embed "functions/templates.sql"
};
static const unsigned char functions_tasks[] = {
#embed "functions/tasks.sql"
};
static const unsigned char functions_agents[] = {
#embed "functions/agents.sql"
};
static const unsigned char functions_activities[] = {
#embed "functions/activities.sql"
};
static const unsigned char functions_types[] = {
#embed "functions/types.sql"
};
static const unsigned char functions_selections[] = {
#embed "functions/selections.sql"
};
static const unsigned char functions_processes[] = {
#embed "functions/processes.sql"
};
static const unsigned char functions_artifacts[] = {
#embed "functions/artifacts.sql"
};
static const unsigned char functions_exports[] = {
#embed "functions/exports.sql"
};
static const unsigned char functions_uploads[] = {
#embed "functions/uploads.sql"
};
static const unsigned char functions_scoping[] = {
#embed "functions/scoping.sql"
};
static const unsigned char functions_splitting[] = {
#embed "functions/splitting.sql"
};

static const unsigned char functions_erasing[] = {
#embed "functions/erasing.sql"
};
static const unsigned char policies_api_token[] = {
#embed "policies/api_token.sql"
};
static const unsigned char policies_artifact[] = {
#embed "policies/artifact.sql"
};
static const unsigned char policies_audit_event[] = {
#embed "policies/audit_event.sql"
};
static const unsigned char policies_capability_key[] = {
#embed "policies/capability_key.sql"
};
static const unsigned char policies_classification[] = {
#embed "policies/classification.sql"
};
static const unsigned char policies_corpus[] = {
#embed "policies/corpus.sql"
};
static const unsigned char policies_corpus_access[] = {
#embed "policies/corpus_access.sql"
};
static const unsigned char policies_corpus_export[] = {
#embed "policies/corpus_export.sql"
};
static const unsigned char policies_dataset[] = {
#embed "policies/dataset.sql"
};
static const unsigned char policies_dataset_element[] = {
#embed "policies/dataset_element.sql"
};
static const unsigned char policies_dataset_set[] = {
#embed "policies/dataset_set.sql"
};
static const unsigned char policies_deletion[] = {
#embed "policies/deletion.sql"
};
static const unsigned char policies_segment_mark[] = {
#embed "policies/segment_mark.sql"
};
static const unsigned char policies_deletion_preview[] = {
#embed "policies/deletion_preview.sql"
};
static const unsigned char policies_deployment[] = {
#embed "policies/deployment.sql"
};
static const unsigned char policies_element[] = {
#embed "policies/element.sql"
};
static const unsigned char policies_element_path[] = {
#embed "policies/element_path.sql"
};
static const unsigned char policies_element_type[] = {
#embed "policies/element_type.sql"
};
static const unsigned char policies_embedding[] = {
#embed "policies/embedding.sql"
};
static const unsigned char policies_entity_type[] = {
#embed "policies/entity_type.sql"
};
static const unsigned char policies_group_member[] = {
#embed "policies/group_member.sql"
};
static const unsigned char policies_hidden_lineage[] = {
#embed "policies/hidden_lineage.sql"
};
static const unsigned char policies_hidden_source[] = {
#embed "policies/hidden_source.sql"
};
static const unsigned char policies_image[] = {
#embed "policies/image.sql"
};
static const unsigned char policies_image_server[] = {
#embed "policies/image_server.sql"
};
static const unsigned char policies_job[] = {
#embed "policies/job.sql"
};
static const unsigned char policies_lineage[] = {
#embed "policies/lineage.sql"
};
static const unsigned char policies_membership[] = {
#embed "policies/membership.sql"
};
static const unsigned char policies_metadata[] = {
#embed "policies/metadata.sql"
};
static const unsigned char policies_ml_class[] = {
#embed "policies/ml_class.sql"
};
static const unsigned char policies_model[] = {
#embed "policies/model.sql"
};
static const unsigned char policies_model_access[] = {
#embed "policies/model_access.sql"
};
static const unsigned char policies_model_version[] = {
#embed "policies/model_version.sql"
};
static const unsigned char policies_model_worker[] = {
#embed "policies/model_worker.sql"
};
static const unsigned char policies_multipart_part[] = {
#embed "policies/multipart_part.sql"
};
static const unsigned char policies_multipart_upload[] = {
#embed "policies/multipart_upload.sql"
};
static const unsigned char policies_process[] = {
#embed "policies/process.sql"
};
static const unsigned char policies_process_element[] = {
#embed "policies/process_element.sql"
};
static const unsigned char policies_process_set[] = {
#embed "policies/process_set.sql"
};
static const unsigned char policies_purge_cursor[] = {
#embed "policies/purge_cursor.sql"
};
static const unsigned char policies_result_count[] = {
#embed "policies/result_count.sql"
};
static const unsigned char policies_secret[] = {
#embed "policies/secret.sql"
};
static const unsigned char policies_selected_element[] = {
#embed "policies/selected_element.sql"
};
static const unsigned char policies_session[] = {
#embed "policies/session.sql"
};
static const unsigned char policies_sign_in_attempt[] = {
#embed "policies/sign_in_attempt.sql"
};
static const unsigned char policies_source[] = {
#embed "policies/source.sql"
};
static const unsigned char policies_stored_file[] = {
#embed "policies/stored_file.sql"
};
static const unsigned char policies_task[] = {
#embed "policies/task.sql"
};
static const unsigned char policies_task_parent[] = {
#embed "policies/task_parent.sql"
};
static const unsigned char policies_tenant[] = {
#embed "policies/tenant.sql"
};
static const unsigned char policies_transcription[] = {
#embed "policies/transcription.sql"
};
static const unsigned char policies_transcription_entity[] = {
#embed "policies/transcription_entity.sql"
};
static const unsigned char policies_user_account[] = {
#embed "policies/user_account.sql"
};
static const unsigned char policies_user_group[] = {
#embed "policies/user_group.sql"
};
static const unsigned char policies_worker[] = {
#embed "policies/worker.sql"
};
static const unsigned char policies_worker_access[] = {
#embed "policies/worker_access.sql"
};
static const unsigned char policies_worker_activity[] = {
#embed "policies/worker_activity.sql"
};
static const unsigned char policies_worker_configuration[] = {
#embed "policies/worker_configuration.sql"
};
static const unsigned char policies_worker_run[] = {
#embed "policies/worker_run.sql"
};
static const unsigned char policies_worker_run_parent[] = {
#embed "policies/worker_run_parent.sql"
};
static const unsigned char policies_worker_version[] = {
#embed "policies/worker_version.sql"
};

static const schema_file files[] = {
    {"migrations/0001_identity.sql", migrations_0001_identity, sizeof migrations_0001_identity},
    {"migrations/0002_workers.sql", migrations_0002_workers, sizeof migrations_0002_workers},
    {"migrations/0003_corpora.sql", migrations_0003_corpora, sizeof migrations_0003_corpora},
    {"migrations/0004_processes.sql", migrations_0004_processes, sizeof migrations_0004_processes},
    {"migrations/0005_results.sql", migrations_0005_results, sizeof migrations_0005_results},
    {"migrations/0006_deletions.sql", migrations_0006_deletions, sizeof migrations_0006_deletions},
    {"migrations/0007_files.sql", migrations_0007_files, sizeof migrations_0007_files},
    {"migrations/0008_images.sql", migrations_0008_images, sizeof migrations_0008_images},
    {"migrations/0010_models.sql", migrations_0010_models, sizeof migrations_0010_models},
    {"migrations/0011_configurations.sql", migrations_0011_configurations, sizeof migrations_0011_configurations},
    {"migrations/0012_processes.sql", migrations_0012_processes, sizeof migrations_0012_processes},
    {"migrations/0013_jobs.sql", migrations_0013_jobs, sizeof migrations_0013_jobs},
    {"migrations/0014_taking_back.sql", migrations_0014_taking_back, sizeof migrations_0014_taking_back},
    {"migrations/0015_purge.sql", migrations_0015_purge, sizeof migrations_0015_purge},
    {"migrations/0016_embeddings.sql", migrations_0016_embeddings, sizeof migrations_0016_embeddings},
    {"migrations/0017_agents.sql", migrations_0017_agents, sizeof migrations_0017_agents},
    {"migrations/0019_datasets.sql", migrations_0019_datasets, sizeof migrations_0019_datasets},
    {"migrations/0020_archives_and_artifacts.sql", migrations_0020_archives_and_artifacts, sizeof migrations_0020_archives_and_artifacts},
    {"migrations/0021_exports.sql", migrations_0021_exports, sizeof migrations_0021_exports},
    {"migrations/0024_memberships.sql", migrations_0024_memberships, sizeof migrations_0024_memberships},
    {"migrations/0030_images_elsewhere.sql", migrations_0030_images_elsewhere, sizeof migrations_0030_images_elsewhere},
    {"migrations/0035_parts.sql", migrations_0035_parts, sizeof migrations_0035_parts},
    {"migrations/0036_job_changes.sql", migrations_0036_job_changes, sizeof migrations_0036_job_changes},
    {"migrations/0037_marking.sql", migrations_0037_marking, sizeof migrations_0037_marking},
    {"migrations/0045_secrets.sql", migrations_0045_secrets, sizeof migrations_0045_secrets},
    {"migrations/0046_lists.sql", migrations_0046_lists, sizeof migrations_0046_lists},
    {"migrations/0050_splitting.sql", migrations_0050_splitting, sizeof migrations_0050_splitting},
    {"migrations/0055_turns_of_jobs.sql", migrations_0055_turns_of_jobs, sizeof migrations_0055_turns_of_jobs},
    {"migrations/0060_marks.sql", migrations_0060_marks, sizeof migrations_0060_marks},
    {"migrations/0061_taken_marks.sql", migrations_0061_taken_marks, sizeof migrations_0061_taken_marks},
    {"migrations/0062_functions_of_processes.sql", migrations_0062_functions_of_processes, sizeof migrations_0062_functions_of_processes},
    {"functions/settings.sql", functions_settings, sizeof functions_settings},
    {"functions/refuse.sql", functions_refuse, sizeof functions_refuse},
    {"functions/folding.sql", functions_folding, sizeof functions_folding},
    {"functions/audit.sql", functions_audit, sizeof functions_audit},
    {"functions/capabilities.sql", functions_capabilities, sizeof functions_capabilities},
    {"functions/files.sql", functions_files, sizeof functions_files},
    {"functions/uuid7.sql", functions_uuid7, sizeof functions_uuid7},
    {"functions/body.sql", functions_body, sizeof functions_body},
    {"functions/access.sql", functions_access, sizeof functions_access},
    {"functions/memberships.sql", functions_memberships, sizeof functions_memberships},
    {"functions/users.sql", functions_users, sizeof functions_users},
    {"functions/definer.sql", functions_definer, sizeof functions_definer},
    {"functions/configurations.sql", functions_configurations, sizeof functions_configurations},
    {"functions/enter.sql", functions_enter, sizeof functions_enter},
    {"functions/marks.sql", functions_marks, sizeof functions_marks},
    {"functions/jobs.sql", functions_jobs, sizeof functions_jobs},
    {"functions/publishing.sql", functions_publishing, sizeof functions_publishing},
    {"functions/elements.sql", functions_elements, sizeof functions_elements},
    {"functions/results.sql", functions_results, sizeof functions_results},
    {"functions/datasets.sql", functions_datasets, sizeof functions_datasets},
    {"functions/editing.sql", functions_editing, sizeof functions_editing},
    {"functions/embeddings.sql", functions_embeddings, sizeof functions_embeddings},
    {"functions/hierarchy.sql", functions_hierarchy, sizeof functions_hierarchy},
    {"functions/deletions.sql", functions_deletions, sizeof functions_deletions},
    {"functions/purge.sql", functions_purge, sizeof functions_purge},
    {"functions/workers.sql", functions_workers, sizeof functions_workers},
    {"functions/models.sql", functions_models, sizeof functions_models},
    {"functions/images.sql", functions_images, sizeof functions_images},
    {"functions/runs.sql", functions_runs, sizeof functions_runs},
    {"functions/secrets.sql", functions_secrets, sizeof functions_secrets},
    {"functions/results_of_parts.sql", functions_results_of_parts, sizeof functions_results_of_parts},
    {"functions/templates.sql", functions_templates, sizeof functions_templates},
    {"functions/tasks.sql", functions_tasks, sizeof functions_tasks},
    {"functions/agents.sql", functions_agents, sizeof functions_agents},
    {"functions/activities.sql", functions_activities, sizeof functions_activities},
    {"functions/types.sql", functions_types, sizeof functions_types},
    {"functions/selections.sql", functions_selections, sizeof functions_selections},
    {"functions/processes.sql", functions_processes, sizeof functions_processes},
    {"functions/artifacts.sql", functions_artifacts, sizeof functions_artifacts},
    {"functions/exports.sql", functions_exports, sizeof functions_exports},
    {"functions/uploads.sql", functions_uploads, sizeof functions_uploads},
    {"functions/scoping.sql", functions_scoping, sizeof functions_scoping},
    {"functions/splitting.sql", functions_splitting, sizeof functions_splitting},
    {"functions/erasing.sql", functions_erasing, sizeof functions_erasing},
    {"policies/api_token.sql", policies_api_token, sizeof policies_api_token},
    {"policies/artifact.sql", policies_artifact, sizeof policies_artifact},
    {"policies/audit_event.sql", policies_audit_event, sizeof policies_audit_event},
    {"policies/capability_key.sql", policies_capability_key, sizeof policies_capability_key},
    {"policies/classification.sql", policies_classification, sizeof policies_classification},
    {"policies/corpus.sql", policies_corpus, sizeof policies_corpus},
    {"policies/corpus_access.sql", policies_corpus_access, sizeof policies_corpus_access},
    {"policies/corpus_export.sql", policies_corpus_export, sizeof policies_corpus_export},
    {"policies/dataset.sql", policies_dataset, sizeof policies_dataset},
    {"policies/dataset_element.sql", policies_dataset_element, sizeof policies_dataset_element},
    {"policies/dataset_set.sql", policies_dataset_set, sizeof policies_dataset_set},
    {"policies/deletion.sql", policies_deletion, sizeof policies_deletion},
    {"policies/segment_mark.sql", policies_segment_mark, sizeof policies_segment_mark},
    {"policies/deletion_preview.sql", policies_deletion_preview, sizeof policies_deletion_preview},
    {"policies/deployment.sql", policies_deployment, sizeof policies_deployment},
    {"policies/element.sql", policies_element, sizeof policies_element},
    {"policies/element_path.sql", policies_element_path, sizeof policies_element_path},
    {"policies/element_type.sql", policies_element_type, sizeof policies_element_type},
    {"policies/embedding.sql", policies_embedding, sizeof policies_embedding},
    {"policies/entity_type.sql", policies_entity_type, sizeof policies_entity_type},
    {"policies/group_member.sql", policies_group_member, sizeof policies_group_member},
    {"policies/hidden_lineage.sql", policies_hidden_lineage, sizeof policies_hidden_lineage},
    {"policies/hidden_source.sql", policies_hidden_source, sizeof policies_hidden_source},
    {"policies/image.sql", policies_image, sizeof policies_image},
    {"policies/image_server.sql", policies_image_server, sizeof policies_image_server},
    {"policies/job.sql", policies_job, sizeof policies_job},
    {"policies/lineage.sql", policies_lineage, sizeof policies_lineage},
    {"policies/membership.sql", policies_membership, sizeof policies_membership},
    {"policies/metadata.sql", policies_metadata, sizeof policies_metadata},
    {"policies/ml_class.sql", policies_ml_class, sizeof policies_ml_class},
    {"policies/model.sql", policies_model, sizeof policies_model},
    {"policies/model_access.sql", policies_model_access, sizeof policies_model_access},
    {"policies/model_version.sql", policies_model_version, sizeof policies_model_version},
    {"policies/model_worker.sql", policies_model_worker, sizeof policies_model_worker},
    {"policies/multipart_part.sql", policies_multipart_part, sizeof policies_multipart_part},
    {"policies/multipart_upload.sql", policies_multipart_upload, sizeof policies_multipart_upload},
    {"policies/process.sql", policies_process, sizeof policies_process},
    {"policies/process_element.sql", policies_process_element, sizeof policies_process_element},
    {"policies/process_set.sql", policies_process_set, sizeof policies_process_set},
    {"policies/purge_cursor.sql", policies_purge_cursor, sizeof policies_purge_cursor},
    {"policies/result_count.sql", policies_result_count, sizeof policies_result_count},
    {"policies/secret.sql", policies_secret, sizeof policies_secret},
    {"policies/selected_element.sql", policies_selected_element, sizeof policies_selected_element},
    {"policies/session.sql", policies_session, sizeof policies_session},
    {"policies/sign_in_attempt.sql", policies_sign_in_attempt, sizeof policies_sign_in_attempt},
    {"policies/source.sql", policies_source, sizeof policies_source},
    {"policies/stored_file.sql", policies_stored_file, sizeof policies_stored_file},
    {"policies/task.sql", policies_task, sizeof policies_task},
    {"policies/task_parent.sql", policies_task_parent, sizeof policies_task_parent},
    {"policies/tenant.sql", policies_tenant, sizeof policies_tenant},
    {"policies/transcription.sql", policies_transcription, sizeof policies_transcription},
    {"policies/transcription_entity.sql", policies_transcription_entity, sizeof policies_transcription_entity},
    {"policies/user_account.sql", policies_user_account, sizeof policies_user_account},
    {"policies/user_group.sql", policies_user_group, sizeof policies_user_group},
    {"policies/worker.sql", policies_worker, sizeof policies_worker},
    {"policies/worker_access.sql", policies_worker_access, sizeof policies_worker_access},
    {"policies/worker_activity.sql", policies_worker_activity, sizeof policies_worker_activity},
    {"policies/worker_configuration.sql", policies_worker_configuration, sizeof policies_worker_configuration},
    {"policies/worker_run.sql", policies_worker_run, sizeof policies_worker_run},
    {"policies/worker_run_parent.sql", policies_worker_run_parent, sizeof policies_worker_run_parent},
    {"policies/worker_version.sql", policies_worker_version, sizeof policies_worker_version},
};

size_t schema_count(void) { return sizeof files / sizeof files[0]; }

schema_file schema_file_at(size_t index) { return files[index]; }
